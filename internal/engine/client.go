package engine

// Client calls the engine as one caller. Its methods are the operations; each stands beside its
// implementation. Several goroutines may use it at once.
type Client struct {
	engine *Engine
	caller Caller
}

// As returns the client that acts as a caller.
func (e *Engine) As(caller Caller) *Client { return &Client{engine: e, caller: caller} }
