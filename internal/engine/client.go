package engine

// Client is the engine as one caller sees it. Its methods are the operations, with the signatures
// of the AWS SDK's clients for IAM and STS; they stand beside what they do. It may be used by
// goroutines.
type Client struct {
	engine *Engine
	caller Caller
}

// As gives the client that acts as a caller.
func (e *Engine) As(caller Caller) *Client { return &Client{engine: e, caller: caller} }
