package app

// builtIn are the extensions that every server has. What they do later may use
// all of a; nothing of it is there yet.
func (a *App) builtIn() parts { return nil }
