package main

import (
	"context"
	"errors"
	"testing"

	"github.com/spf13/cobra"
)

func TestInterruptible_Cancelled(t *testing.T) {
	cmd := &cobra.Command{}
	ctx, cancel := context.WithCancel(t.Context())
	cmd.SetContext(ctx)
	cancel()
	err := interruptible(cmd, func(ctx context.Context) error { return ctx.Err() })
	if !errors.Is(err, errInterrupted) {
		t.Errorf("error %v", err)
	}
	cmd.SetContext(t.Context())
	if err := interruptible(cmd, func(ctx context.Context) error { return ctx.Err() }); err != nil {
		t.Errorf("without an interrupt: %v", err)
	}
}
