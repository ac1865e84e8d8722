package model

import (
	"context"

	"roster/scim/provider"
	"roster/storage"
)

// Values of provider.Call.Source.
const (
	SourceSCIM = "scim"
	SourceAPI  = "api"
)

// overSCIM reports whether an identity provider makes the change. It vouches for
// the users that it brings, so they need no invitation and no verification.
func overSCIM(c *provider.Change) bool {
	return c.Call.Source == "" || c.Call.Source == SourceSCIM
}

// Rules are what every change of a user passes, in the order in which they
// derive. Those of other packages come behind them: they find the status as it
// will be, and an invitation that is to be sent (see deriveStatus).
func (m *Model) Rules() []provider.Rule {
	return []provider.Rule{
		preparation{m},
		removal{m},
		rule{derive: deriveKind},
		rule{derive: checkPassword},
		rule{derive: deriveMetadata},
		rule{derive: deriveIdentity},
		rule{derive: deriveStatus, check: clearFailures},
		rule{check: checkMailDomains},
		rule{check: checkAddress},
		rule{check: dropChallenges},
	}
}

// Computed are the attributes that the model makes when they are read.
func (m *Model) Computed() []provider.Computed {
	return []provider.Computed{{Type: User, Path: UserURN + ":metadata", Value: readMetadata}}
}

// judge is one half of a rule.
type judge func(ctx context.Context, s storage.Snapshot, c *provider.Change) error

// rule is a rule for users that will be there after the change.
type rule struct{ derive, check judge }

func (r rule) Derive(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	return r.derive.of(ctx, s, c)
}

func (r rule) Check(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	return r.check.of(ctx, s, c)
}

func (j judge) of(ctx context.Context, s storage.Snapshot, c *provider.Change) error {
	if j == nil || c.Type.Name != User || c.Way == provider.Remove || c.Way == provider.Purge {
		return nil
	}
	return j(ctx, s, c)
}

// preparation looks up the settings of the account for the other rules, before
// anything is read of the store.
type preparation struct{ *Model }

func (p preparation) Prepare(ctx context.Context, c provider.Call) (context.Context, error) {
	settings, err := p.Config.Settings(ctx, c.Account)
	return context.WithValue(ctx, settingsKey{}, settings), err
}

func (preparation) Derive(context.Context, storage.Snapshot, *provider.Change) error { return nil }
func (preparation) Check(context.Context, storage.Snapshot, *provider.Change) error  { return nil }

type settingsKey struct{}

// SettingsFrom returns the settings of the account that a change is made in, from
// the context of a rule or of an edit.
func SettingsFrom(ctx context.Context) Settings {
	settings, _ := ctx.Value(settingsKey{}).(Settings)
	return settings
}
