package registry

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"roster/auth"
	"roster/auth/audit"
	"roster/storage"
)

// event tells the log of storage.System what the caller of ctx did to an account,
// in the batch of it.
func (r *Registry) event(ctx context.Context, typ, account string, detail any) storage.Effects {
	e := audit.Event(ctx, typ, account, detail)
	e.Time = r.clock()
	return storage.Effects{Events: []storage.Event{e}}
}

// accountDetail is what is told of an account that changed.
type accountDetail struct {
	Name     string   `json:"name"`
	Settings []string `json:"settings,omitempty"` // names of those that changed
}

// tokenDetail is what is told of a credential.
type tokenDetail struct {
	Credential string       `json:"credential"` // id
	Name       string       `json:"name"`
	Form       Form         `json:"form"`
	Scopes     []auth.Scope `json:"scopes"`
	User       string       `json:"user,omitempty"`
	Domain     string       `json:"domain,omitempty"`
	Replaces   string       `json:"replaces,omitempty"`
}

func (b *tokenBody) detail(id string) tokenDetail {
	return tokenDetail{
		Credential: id, Name: b.Name, Form: b.Form, Scopes: b.Scopes,
		User: b.User, Domain: b.Domain, Replaces: b.Replaces,
	}
}

// changedSettings names the settings that differ.
func changedSettings(before, after accountBody) (names []string) {
	old, now := members(before.Settings), members(after.Settings)
	all := maps.Clone(old)
	maps.Copy(all, now)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		changed := old[name] != now[name] || name == "webhooks" && !maps.Equal(before.Secrets, after.Secrets)
		if changed {
			names = append(names, name)
		}
	}
	return names
}

// members are the JSON texts of settings by their names.
func members(s Settings) map[string]string {
	var raw map[string]json.RawMessage
	text, _ := json.Marshal(s) // nothing in settings fails
	_ = json.Unmarshal(text, &raw)
	texts := map[string]string{}
	for name, value := range raw {
		texts[name] = string(value)
	}
	return texts
}
