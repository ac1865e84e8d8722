package credentials

// Settle waits for what is being written at the moment.
func (c *Credentials) Settle() { c.uses.Settle() }
