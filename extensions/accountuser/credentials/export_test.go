package credentials

// Settle waits for what is being written at the moment.
func (c *Credentials) Settle() {
	for range cap(c.uses.running) {
		c.uses.running <- struct{}{}
	}
	for range cap(c.uses.running) {
		<-c.uses.running
	}
}
