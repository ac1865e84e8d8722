package grants_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"roster/auth"
	"roster/extensions"
	"roster/extensions/accountuser/grants"
	"roster/extensions/accountuser/model"
	"roster/scim"
	"roster/scim/provider"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
	"roster/storage/bolt"
	"roster/storage/memory"
)

// plain is a hasher for tests that costs nothing.
type plain struct{}

func (plain) Hash(context.Context, auth.Secret) (string, error) { return "a hash", nil }

// fixture is an account with the rules of the account model. When a test ends,
// its counters are held to its documents.
type fixture struct {
	*provider.Provider
	t      *testing.T
	grants *grants.Grants
	access *grants.Access
	users  *model.Users
	host   extensions.Host
	call   provider.Call
	ctx    context.Context
	// settings are those of the account beside its id and name.
	settings *model.Settings
}

// onEachEngine runs a test on every engine.
func onEachEngine(t *testing.T, run func(t *testing.T, f *fixture)) {
	definitions, err := schema.Define(nil, model.Definitions()...)
	require.NoError(t, err)
	indexes := query.Indexes(definitions.Types)
	indexes = append(indexes, model.Indexes()...)
	t.Run("memory", func(t *testing.T) { run(t, newFixture(t, memory.New(indexes), definitions.Types)) })
	t.Run("bolt", func(t *testing.T) {
		store, err := bolt.Open(bolt.Config{Path: filepath.Join(t.TempDir(), "x.db"), Indexes: indexes, NoSync: true})
		require.NoError(t, err)
		run(t, newFixture(t, store, definitions.Types))
	})
}

func newFixture(t *testing.T, engine storage.Store, types []*schema.ResourceType) *fixture {
	store := &recorder{Store: engine, counters: map[string]bool{}}
	settings := &model.Settings{}
	m := model.New(model.Config{Settings: func(_ context.Context, account storage.Account) (model.Settings, error) {
		return model.Settings{ID: string(account), Name: "Example", PasswordMin: 8, RoleScopes: settings.RoleScopes, ProtectRoles: settings.ProtectRoles}, nil
	}})
	g := grants.New(m)
	representations, err := g.Representations()
	require.NoError(t, err)
	p, err := provider.New(provider.Config{
		Store: store, Types: types, Hasher: plain{},
		Rules:    append(m.Rules(), g.Rules()...),
		Computed: withTheRest(types, append(m.Computed(), g.Computed()...)),
		Knows:    g.Knows,

		Representations: representations,
	})
	require.NoError(t, err)
	host := extensions.Host{Store: store, Provider: p, Types: types}
	require.NoError(t, g.Found(t.Context(), host, "a"))
	users := m.Users(host)
	users.Grants = g
	f := &fixture{
		Provider: p, t: t, grants: g, users: users, access: g.Access(users), host: host,
		call: provider.Call{Account: "a", Profile: scim.DefaultProfile(), Limits: scim.DefaultLimits(), Base: "https://x/scim/v2", Source: "scim"},
		ctx:  context.Background(), settings: settings,
	}
	t.Cleanup(func() {
		f.recount(store)
		require.NoError(t, engine.(storage.Checker).Check(context.Background(), func(problem string) { t.Error(problem) }))
		require.NoError(t, engine.Close())
	})
	return f
}

// withTheRest leaves the computed attributes of other packages as they are stored.
func withTheRest(types []*schema.ResourceType, own []provider.Computed) []provider.Computed {
	made := map[string]bool{}
	for _, c := range own {
		made[c.Type+" "+c.Path] = true
	}
	for _, rt := range types {
		for _, a := range rt.Computed() {
			if !made[rt.Name+" "+a.Path()] {
				own = append(own, provider.Computed{Type: rt.Name, Path: a.Path(), Value: asStored})
			}
		}
	}
	return own
}

func asStored(_ context.Context, _ storage.Snapshot, _ provider.Call, _ *storage.Document, stored scim.Value) (scim.Value, error) {
	return stored, nil
}

// recorder notes the counters that were ever stepped.
type recorder struct {
	storage.Store
	mu       sync.Mutex
	counters map[string]bool
}

func (r *recorder) Apply(ctx context.Context, account storage.Account, b storage.Batch) (storage.Receipt, error) {
	r.mu.Lock()
	for _, step := range b.Counters {
		r.counters[step.Name] = true
	}
	r.mu.Unlock()
	return r.Store.Apply(ctx, account, b)
}

// as is the fixture of a caller who is that user.
func (f *fixture) as(user string) *fixture {
	other := *f
	other.call.Actor = provider.Actor{ID: "token", Name: "a token", User: user}
	return &other
}

// with is the fixture of a caller who has these scopes.
func (f *fixture) with(scopes ...auth.Scope) *fixture {
	other := *f
	other.ctx = auth.WithPrincipal(f.ctx, &auth.Principal{Account: "a", Subject: "token", Scopes: scopes})
	return &other
}

// strict is the fixture of an account that takes only what it knows.
func (f *fixture) strict() *fixture {
	other := *f
	other.call.Profile = scim.StrictProfile()
	return &other
}

func (f *fixture) value(text string) scim.Value {
	v, err := scim.ParseJSON([]byte(text))
	require.NoError(f.t, err, text)
	return v
}

// post makes a resource and returns its id.
func (f *fixture) post(typeName, body string) (string, error) {
	r, err := f.Create(f.ctx, f.call, f.host.Type(typeName), f.value(body), provider.Projection{})
	if err != nil {
		return "", err
	}
	return r.ID, nil
}

func (f *fixture) make(typeName, body string, args ...any) string {
	f.t.Helper()
	id, err := f.post(typeName, fmt.Sprintf(body, args...))
	require.NoError(f.t, err)
	return id
}

func (f *fixture) put(typeName, id, body string) error {
	_, err := f.Replace(f.ctx, f.call, f.host.Type(typeName), id, f.value(body), nil, provider.Projection{})
	return err
}

func (f *fixture) patch(typeName, id, ops string) error {
	_, err := f.Patch(f.ctx, f.call, f.host.Type(typeName), id, patchOp(f, ops), nil, provider.Projection{})
	return err
}

func patchOp(f *fixture, ops string) scim.Value {
	return f.value(`{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": ` + ops + `}`)
}

func (f *fixture) delete(typeName, id string) error {
	return f.Delete(f.ctx, f.call, f.host.Type(typeName), id, nil)
}

// edit changes a user as a verb does.
func (f *fixture) edit(id, action string, change func(*model.Draft)) error {
	_, err := f.users.Edit(f.ctx, f.call, id, action, nil, func(_ context.Context, d *model.Draft) error {
		change(d)
		return nil
	})
	return err
}

// restore brings a removed user back.
func (f *fixture) restore(id string) error {
	_, err := f.users.Restore(f.ctx, f.call, id, nil)
	return err
}

// bulk does one operation of a Bulk, and returns its refusal.
func (f *fixture) bulk(method, path, data string) error {
	return f.bulks(`[{"method": "` + method + `", "path": "` + path + `", "bulkId": "x", "data": ` + data + `}]`)[0]
}

// bulks does a Bulk, and returns the refusal of each operation.
func (f *fixture) bulks(operations string) []error {
	answer, err := f.Bulk(f.ctx, f.call, f.value(`{"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": `+operations+`}`))
	require.NoError(f.t, err)
	var refusals []error
	for _, op := range answer.Get("Operations").Elements() {
		var e error
		if r := op.Get("response"); !r.IsNull() {
			var status int
			require.NoError(f.t, json.Unmarshal([]byte(op.Get("status").Text()), &status))
			e = inBulk{&scim.Error{Status: status, Type: scim.ScimType(r.Get("scimType").Text()), Detail: r.Get("detail").Text()}}
		}
		refusals = append(refusals, e)
	}
	return refusals
}

// inBulk is a refusal that a Bulk answered, which has no code.
type inBulk struct{ error }

func (e inBulk) Unwrap() error { return e.error }

// get reads a resource with these attributes, or the default ones.
func (f *fixture) get(typeName, id string, attributes ...string) scim.Value {
	f.t.Helper()
	rt := f.host.Type(typeName)
	projection, err := provider.ParseProjection(rt, f.call.Profile, attributes, nil)
	require.NoError(f.t, err)
	r, err := f.Read(f.ctx, f.call, rt, id, projection)
	require.NoError(f.t, err)
	return r
}

// a reads an attribute of the user extension.
func (f *fixture) a(id, name string) scim.Value {
	f.t.Helper()
	return f.get(model.User, id, model.UserURN+":"+name).Get(model.UserURN).Get(name)
}

func (f *fixture) version(typeName, id string) string {
	return f.get(typeName, id).Get("meta").Get("version").Text()
}

// user makes a user with these roles.
func (f *fixture) user(name string, roles ...string) string {
	f.t.Helper()
	return f.make(model.User, `{"userName": %q, "roles": %s}`, name, elements(roles))
}

// elements is a list of elements with these values, as JSON.
func elements(values []string) string {
	list := make([]map[string]string, len(values))
	for i, v := range values {
		list[i] = map[string]string{"value": v}
	}
	text, _ := json.Marshal(list)
	return string(text)
}

// refused requires a refusal with that status and code, "" for none. That of a
// Bulk is held to the status alone.
func refused(t *testing.T, err error, status int, code string) *scim.Error {
	t.Helper()
	var e *scim.Error
	require.True(t, errors.As(err, &e), "%v", err)
	require.Equal(t, status, e.Status, e.Detail)
	if !errors.As(err, new(inBulk)) {
		require.Equal(t, code, model.CodeOf(err), e.Detail)
	}
	return e
}

// atOnce runs n calls together and counts their outcomes by status, 0 for none.
func atOnce(n int, do func(i int) error) map[int]int {
	outcomes := map[int]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-begin
			err := do(i)
			status := 0
			var e *scim.Error
			if errors.As(err, &e) {
				status = e.Status
			} else if err != nil {
				status = -1
			}
			mu.Lock()
			outcomes[status]++
			mu.Unlock()
		})
	}
	close(begin)
	all.Wait()
	return outcomes
}

func listBy(filter string) provider.ListRequest {
	return provider.ListRequest{Filter: filter, Count: 10}
}
