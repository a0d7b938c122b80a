// Command store measures how fast the engine commits, reads and opens a file, in relation to the disk. A
// commit must be on the disk before the engine acknowledges it. Therefore all results are also shown relative
// to the number of fdatasync calls per second, which the command measures in turns in the same run.
//
//	go run ./store                     in the system's temporary directory
//	go run ./store -dir /var/lib/iam   in the directory of a future account
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

type options struct {
	dir    string
	rounds int
	turn   time.Duration
	users  int
}

func main() {
	var o options
	flag.StringVar(&o.dir, "dir", os.TempDir(), "the `directory` for the files")
	flag.IntVar(&o.rounds, "rounds", 5, "how many times to run each measurement; the result is the median")
	flag.DurationVar(&o.turn, "turn", time.Second, "the duration of one measurement")
	flag.IntVar(&o.users, "users", 5000, "the number of users in the existing file")
	flag.Parse()
	if err := run(os.Stdout, &o); err != nil {
		fmt.Fprintln(os.Stderr, "store:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, o *options) error {
	dir, err := os.MkdirTemp(o.dir, "iam-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "iam.db")
	ctx := context.Background()
	e, err := engine.Open(ctx, engine.Options{Path: path})
	if err != nil {
		return err
	}
	client := e.As(engine.LocalOperator("bench", engine.Circumstances{}))
	if err := fill(ctx, client, o.users); err != nil {
		return err
	}

	var created atomic.Int64
	create := func() error {
		_, err := client.CreateUser(ctx,
			&iam.CreateUserInput{UserName: aws.String(fmt.Sprintf("created-%d", created.Add(1)))})
		return err
	}
	var reads atomic.Int64
	get := func() error {
		name := fmt.Sprintf("user-%d", int(reads.Add(1)*7919)%o.users)
		_, err := client.GetUser(ctx, &iam.GetUserInput{UserName: &name})
		return err
	}
	probe, err := os.Create(filepath.Join(dir, "probe"))
	if err != nil {
		return err
	}
	block := make([]byte, 4096)
	sync := func() error {
		if _, err := probe.Write(block); err != nil {
			return err
		}
		return syncData(probe)
	}

	rates := map[string][]float64{}
	cases := []struct {
		name    string
		workers int
		do      func() error
	}{
		{"fdatasync of 4 KiB appended", 1, sync},
		{"CreateUser, 1 writer", 1, create},
		{"CreateUser, 10 writers", 10, create},
		{"GetUser, 1 reader", 1, get},
		{"GetUser, 10 readers", 10, get},
	}
	for range o.rounds {
		for _, c := range cases {
			rate, err := measure(c.workers, o.turn, c.do)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			rates[c.name] = append(rates[c.name], rate)
		}
	}
	if err := e.Close(); err != nil {
		return err
	}

	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tper second\t× fdatasync\t")
	base := median(rates[cases[0].name])
	for _, c := range cases {
		rate := median(rates[c.name])
		fmt.Fprintf(t, "%s\t%.0f\t%.2f\t\n", c.name, rate, rate/base)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	return start(out, o, path)
}

// start measures the time from opening an existing file to the answer of the first read.
func start(out io.Writer, o *options, path string) error {
	var times []float64
	for range o.rounds * 3 {
		began := time.Now()
		e, err := engine.Open(context.Background(), engine.Options{Path: path, Existing: true})
		if err != nil {
			return err
		}
		client := e.As(engine.LocalOperator("bench", engine.Circumstances{}))
		if _, err := client.GetUser(context.Background(), &iam.GetUserInput{UserName: aws.String("user-1")}); err != nil {
			return err
		}
		times = append(times, time.Since(began).Seconds())
		if err := e.Close(); err != nil {
			return err
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\nOpening an existing file of %.1f MiB and reading a user: %.2f ms\n",
		float64(info.Size())/(1<<20), 1000*median(times))
	return err
}

// measure returns how many times per second a number of workers complete a task.
func measure(workers int, turn time.Duration, do func() error) (float64, error) {
	var count atomic.Int64
	var failed atomic.Pointer[error]
	var group sync.WaitGroup
	began := time.Now()
	for range workers {
		group.Go(func() {
			for time.Since(began) < turn && failed.Load() == nil {
				if err := do(); err != nil {
					failed.Store(&err)
					return
				}
				count.Add(1)
			}
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return float64(count.Load()) / time.Since(began).Seconds(), nil
}

// fill creates users, many at the same time so that they share commits.
func fill(ctx context.Context, client *engine.Client, users int) error {
	if err := liftLimits(ctx, client); err != nil {
		return err
	}
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			for n := next.Add(1); int(n) <= users && failed.Load() == nil; n = next.Add(1) {
				_, err := client.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String(fmt.Sprintf("user-%d", n-1))})
				if err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// liftLimits raises the limit of users.
func liftLimits(ctx context.Context, client *engine.Client) error {
	_, err := client.SetLimits(ctx, &engine.SetLimitsInput{Limits: map[string]int{"users": 10_000_000}})
	return err
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
