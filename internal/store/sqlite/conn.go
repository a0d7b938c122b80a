package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
)

// conn is a connection with its prepared statements. One transaction at a time uses it. Preparing a
// statement costs more than running most of them, and database/sql would search all connections for its
// own prepared statements.
type conn struct {
	sql        *sql.Conn
	statements map[string]*sql.Stmt
}

func newConn(ctx context.Context, db *sql.DB, setup ...string) (*conn, error) {
	opened, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := &conn{sql: opened, statements: map[string]*sql.Stmt{}}
	for _, statement := range setup {
		if _, err := opened.ExecContext(ctx, statement); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", statement, err), c.close())
		}
	}
	return c, nil
}

// statement prepares a statement once for the life of the connection.
func (c *conn) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := c.statements[query]; ok {
		return s, nil
	}
	s, err := c.sql.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("preparing %q: %w", query, err)
	}
	c.statements[query] = s
	return s, nil
}

func (c *conn) exec(ctx context.Context, query string) error {
	s, err := c.statement(ctx, query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(ctx)
	return err
}

func (c *conn) close() error {
	for _, s := range c.statements {
		if err := s.Close(); err != nil {
			return errors.Join(err, c.sql.Close())
		}
	}
	return c.sql.Close()
}

// discard closes the connection, with any transaction that is still open on it, instead of returning it
// to database/sql.
func (c *conn) discard() {
	for _, s := range c.statements {
		_ = s.Close()
	}
	_ = c.sql.Raw(func(any) error { return driver.ErrBadConn })
	_ = c.sql.Close()
}

// pool holds a bounded number of connections for readers. It hands out the most recently used one first,
// so that it opens few connections under a light load.
type pool struct {
	open  func(context.Context) (*conn, error)
	slots chan struct{} // one element for each connection in use

	mu   sync.Mutex
	idle []*conn
}

// take returns a connection, and waits for one if all are in use.
func (p *pool) take(ctx context.Context) (*conn, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		<-p.slots
		return nil, err
	}
	p.mu.Lock()
	if last := len(p.idle) - 1; last >= 0 {
		c := p.idle[last]
		p.idle = p.idle[:last]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()

	c, err := p.open(ctx)
	if err != nil {
		<-p.slots
		return nil, err
	}
	return c, nil
}

// give returns a connection to the pool, or discards it if it is not healthy.
func (p *pool) give(c *conn, healthy bool) {
	if healthy {
		p.mu.Lock()
		p.idle = append(p.idle, c)
		p.mu.Unlock()
	} else {
		c.discard()
	}
	<-p.slots
}

// close closes all connections. None may be in use.
func (p *pool) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, c := range p.idle {
		errs = append(errs, c.close())
	}
	p.idle = nil
	return errors.Join(errs...)
}
