package catalog

import (
	"runtime"
	"testing"
)

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := new(Catalog).Load(embedded); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAction(b *testing.B) {
	c := Default()
	b.ReportAllocs()
	for b.Loop() {
		if c.Action("S3:GetObject") == nil {
			b.Fatal("s3:GetObject is missing")
		}
	}
}

func BenchmarkKey(b *testing.B) {
	c := Default()
	b.ReportAllocs()
	for b.Loop() {
		if c.Key("aws:PrincipalTag/team") == nil {
			b.Fatal("aws:PrincipalTag is missing")
		}
	}
}

func BenchmarkExpand(b *testing.B) {
	c := Default()
	for b.Loop() {
		if len(c.Expand("ec2:Describe*")) == 0 {
			b.Fatal("no action")
		}
	}
}

// TestLoad_UsesLittleMemory measures the memory that a catalog keeps.
func TestLoad_UsesLittleMemory(t *testing.T) {
	const limit = 25 << 20
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	c, err := new(Catalog).Load(embedded)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	used := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("%d actions use %.1f MB", len(c.Actions()), float64(used)/(1<<20))
	if used > limit {
		t.Errorf("the catalog uses %d bytes, want at most %d", used, limit)
	}
	runtime.KeepAlive(c)
}
