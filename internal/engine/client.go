package engine

// Client calls operations of the engine as one caller. Each operation is a method, in the file of its
// implementation. Several goroutines may use a Client at the same time.
type Client struct {
	engine *Engine
	caller Caller
}

// As returns a client that acts as the caller.
func (e *Engine) As(caller Caller) *Client { return &Client{engine: e, caller: caller} }
