package catalog

// Services returns the services in the order of their prefixes.
func (c *Catalog) Services() []*Service { return c.services }
