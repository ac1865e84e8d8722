package provider

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"roster/scim"
	"roster/scim/query"
	"roster/scim/schema"
	"roster/storage"
)

// Bulk does the operations of a BulkRequest (RFC 7644 section 3.7) and returns
// the BulkResponse, whose results stand in the order of the request.
//
// Each operation is a change of its own, so that a failed one leaves the others;
// they run in their order, except that the creation of a resource to which an
// earlier operation refers by its bulkId runs before that one. Creations that
// refer to one another in a circle are one change: all of them happen or none.
// After failOnErrors errors, which 0 leaves out of account, nothing more is
// done, and the response holds what was; so it is when time runs out.
//
// The error is a *scim.Error for a request that cannot be done at all.
func (p *Provider) Bulk(ctx context.Context, c Call, body scim.Value) (scim.Value, error) {
	ops, failOnErrors, err := readBulk(body, c)
	if err != nil {
		return scim.Value{}, err
	}
	b := &bulk{Provider: p, ctx: ctx, call: c, ops: ops, failOnErrors: failOnErrors, byBulkID: map[string]*bulkOp{}}
	for _, op := range ops {
		if op.bulkID != "" && op.method == http.MethodPost {
			b.byBulkID[op.bulkID] = op
		}
	}
	for _, op := range ops {
		if b.failed() || ctx.Err() != nil {
			break
		}
		b.visit(op)
	}
	return b.response(), nil
}

// bulkOp is one operation and, once it is done, its result.
type bulkOp struct {
	method, path, bulkID string
	version              string // entity tag that the resource must have, "" for any
	data                 scim.Value
	fault                error // why it cannot even be tried

	// Of the search for circles of references (Tarjan's algorithm).
	index, low int
	onStack    bool

	done    bool
	id      string // of the created resource
	status  int
	result  *Resource
	refusal *scim.Error
}

// bulk is a BulkRequest being done.
type bulk struct {
	*Provider
	ctx          context.Context
	call         Call
	ops          []*bulkOp
	byBulkID     map[string]*bulkOp // the creations
	failOnErrors int
	errors       int
	visited      int
	stack        []*bulkOp
}

func (b *bulk) failed() bool { return b.failOnErrors > 0 && b.errors >= b.failOnErrors }

// visit does an operation after the creations that it refers to. Creations that
// refer to one another in a circle come out together.
func (b *bulk) visit(op *bulkOp) {
	if op.index > 0 {
		return
	}
	b.visited++
	op.index, op.low, op.onStack = b.visited, b.visited, true
	b.stack = append(b.stack, op)
	for _, other := range b.references(op) {
		if other.index == 0 {
			b.visit(other)
			op.low = min(op.low, other.low)
		} else if other.onStack {
			op.low = min(op.low, other.index)
		}
	}
	if op.low < op.index {
		return
	}
	for n := len(b.stack) - 1; ; n-- {
		b.stack[n].onStack = false
		if b.stack[n] == op {
			circle := b.stack[n:]
			b.stack = b.stack[:n:n]
			b.do(circle)
			return
		}
	}
}

// do does one operation, or the creations of a circle.
func (b *bulk) do(ops []*bulkOp) {
	if b.failed() || b.ctx.Err() != nil {
		return
	}
	var err error
	if ops[0].method == http.MethodPost {
		err = b.create(ops)
	} else {
		err = b.change(ops[0])
	}
	for _, op := range ops {
		op.done = true
		if err != nil {
			op.fail(b.refusal(err))
			b.errors++
		}
	}
}

func (op *bulkOp) fail(e *scim.Error) { op.status, op.refusal = e.Status, e }

// refusal is what the client is told of an error; one of the server's own is
// logged instead.
func (b *bulk) refusal(err error) *scim.Error {
	var refusal *scim.Error
	switch {
	case errors.As(err, &refusal):
	case b.ctx.Err() != nil:
		refusal = scim.Errorf(http.StatusServiceUnavailable, "", "the request took too long; send fewer operations at a time")
	default:
		b.Logger.ErrorContext(b.ctx, "bulk operation", "error", err)
		refusal = scim.Errorf(http.StatusInternalServerError, "", "the server failed; its log says why")
	}
	return refusal
}

// create makes the resources of one POST, or those of a circle of them.
func (b *bulk) create(ops []*bulkOp) error {
	creations := make([]creation, len(ops))
	for i, op := range ops {
		rt, id, err := b.target(op)
		switch {
		case err != nil:
			return err
		case id != "":
			return scim.Errorf(http.StatusMethodNotAllowed, "", "POST takes the endpoint of a resource type as its path, not a resource")
		case op.bulkID == "":
			return scim.BadRequest(scim.InvalidSyntax, "a POST needs a bulkId")
		}
		if op.id == "" {
			op.id = storage.NewID()
		}
		creations[i] = creation{rt: rt, id: op.id}
	}
	for i, op := range ops {
		data, err := b.resolve(op, op.data)
		if err != nil {
			return err
		}
		creations[i].body = data
	}
	writes, err := b.Provider.create(b.ctx, b.call, creations)
	if err != nil {
		return err
	}
	for i, w := range writes {
		ops[i].status = http.StatusCreated
		ops[i].result = &Resource{Location: b.call.location(w.rt, w.doc.ID), ETag: query.ETag(w.version)}
	}
	return nil
}

// change does a PUT, PATCH or DELETE.
func (b *bulk) change(op *bulkOp) error {
	rt, id, err := b.target(op)
	if err != nil {
		return err
	}
	if id == "" {
		return scim.Errorf(http.StatusMethodNotAllowed, "", "%s takes the path of a resource, such as %s/id", op.method, rt.Endpoint)
	}
	if len(id) <= maxID {
		op.result = &Resource{Location: b.call.location(rt, id)}
	}
	data, err := b.resolve(op, op.data)
	if err != nil {
		return err
	}
	var r *Resource
	op.status = http.StatusOK
	switch op.method {
	case http.MethodPut:
		r, err = b.Replace(b.ctx, b.call, rt, id, data, op.precondition(), Projection{})
	case http.MethodPatch:
		r, err = b.Patch(b.ctx, b.call, rt, id, data, op.precondition(), Projection{})
	default:
		op.status = http.StatusNoContent
		return b.Delete(b.ctx, b.call, rt, id, op.precondition())
	}
	if r != nil && op.result != nil {
		op.result.ETag = r.ETag
	}
	return err
}

// precondition is the operation's version as an If-Match.
func (op *bulkOp) precondition() Precondition {
	if op.version == "" {
		return nil
	}
	return func(etag string) error {
		if strings.TrimPrefix(op.version, "W/") == strings.TrimPrefix(etag, "W/") {
			return nil
		}
		return scim.Errorf(http.StatusPreconditionFailed, "", "the resource is now at version %s; read it again", etag)
	}
}

// target finds what the path of an operation names.
func (b *bulk) target(op *bulkOp) (*schema.ResourceType, string, error) {
	if op.fault != nil {
		return nil, "", op.fault
	}
	endpoint, id, _ := strings.Cut(strings.Trim(op.path, "/"), "/")
	for _, rt := range b.Types {
		if rt.Endpoint == "/"+endpoint {
			id, err := b.resolveText(op, id)
			return rt, id, err
		}
	}
	return nil, "", scim.Errorf(http.StatusNotFound, "", "there is no endpoint %q; a path is such as /Users or /Users/id", scim.Abbreviate(op.path))
}

// response is the BulkResponse.
func (b *bulk) response() scim.Value {
	var results []scim.Value
	for _, op := range b.ops {
		if op.done {
			results = append(results, op.response())
		}
	}
	return scim.ObjectValue(
		scim.Member{Name: "schemas", Value: scim.ArrayValue(scim.StringValue(scim.MessageBulkResponse))},
		scim.Member{Name: "Operations", Value: scim.ArrayValue(results...)},
	)
}

// response has a location for everything but a POST that failed, and a body for
// an error only.
func (op *bulkOp) response() scim.Value {
	v := scim.ObjectValue(scim.Member{Name: "method", Value: scim.StringValue(op.method)})
	if op.bulkID != "" {
		v = v.With("bulkId", scim.StringValue(op.bulkID))
	}
	if op.result != nil {
		v = v.With("location", scim.StringValue(op.result.Location))
		if op.result.ETag != "" && op.refusal == nil {
			v = v.With("version", scim.StringValue(op.result.ETag))
		}
	}
	v = v.With("status", scim.StringValue(strconv.Itoa(op.status)))
	if op.refusal != nil {
		v = v.With("response", op.refusal.Value())
	}
	return v
}
