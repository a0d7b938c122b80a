package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// BenchmarkSync measures the disk: it appends a block and syncs, repeatedly.
func BenchmarkSync(b *testing.B) {
	file, err := os.Create(filepath.Join(b.TempDir(), "file"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	page := make([]byte, 4096)
	for b.Loop() {
		if _, err := file.Write(page); err != nil {
			b.Fatal(err)
		}
		if err := file.Sync(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, writers := range []int{1, 10} {
		b.Run(fmt.Sprint("writers=", writers), func(b *testing.B) {
			s := openAt(b, filepath.Join(b.TempDir(), "iam.db"))
			var n atomic.Int64
			done := make(chan bool)
			b.ResetTimer()
			for range writers {
				go func() {
					for {
						next := n.Add(1)
						if next > int64(b.N) {
							done <- true
							return
						}
						write(b, s, func(tx store.Tx) error { return tx.InsertIdentity(user(fmt.Sprint(next))) })
					}
				}()
			}
			for range writers {
				<-done
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	s := openAt(b, filepath.Join(b.TempDir(), "iam.db"))
	fill(b, s, 10_000)
	var n int
	for b.Loop() {
		n++
		name := fmt.Sprint(n % 10_000)
		read(b, s, func(tx store.Tx) error { _, err := tx.Identity(store.User, name); return err })
	}
}

func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "iam.db")
	s := openAt(b, path)
	fill(b, s, 100_000)
	for b.Loop() {
		opened := openAt(b, path)
		read(b, opened, func(tx store.Tx) error { _, err := tx.Identity(store.User, "7"); return err })
		if err := opened.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// fill inserts a number of users.
func fill(b *testing.B, s *Store, users int) {
	b.Helper()
	write(b, s, func(tx store.Tx) error {
		for n := range users {
			if err := tx.InsertIdentity(user(fmt.Sprint(n))); err != nil {
				return err
			}
		}
		return nil
	})
}
