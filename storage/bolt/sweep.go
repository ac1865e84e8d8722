package bolt

import (
	"encoding/binary"

	"roster/storage"
)

// maxDropped is how many edges a batch removes itself when their document goes.
// More are left to a sweep.
const maxDropped = 256

// sweepStep is how many edges one step of a sweep looks at.
const sweepStep = 512

// sweepNote says that the edges at an id which were added in an epoch up to this
// one are gone, and how far their removal got: outbound edges go first.
type sweepNote struct {
	epoch    uint64
	inbound  bool
	position []byte // the last key that was looked at
}

func (n sweepNote) encode() []byte {
	b := binary.AppendUvarint(nil, n.epoch)
	if n.inbound {
		return append(append(b, 1), n.position...)
	}
	return append(append(b, 0), n.position...)
}

func decodeSweep(b []byte) sweepNote {
	epoch, n := binary.Uvarint(b)
	if n <= 0 || n == len(b) {
		return sweepNote{epoch: epoch}
	}
	return sweepNote{epoch, b[n] == 1, b[n+1:]}
}

// dropEdges removes the edges at ids that go: few of them at once, many by
// noting sweeps, in an epoch that ends here. It tells whether any was noted.
func (a *account) dropEdges(ids []string) bool {
	noted := false
	for _, id := range ids {
		kept := a.keptKeys(id, maxDropped+1)
		if len(kept) > maxDropped {
			a.put(sweeps, []byte(id), sweepNote{epoch: a.in(sweeps).sequence()}.encode())
			noted = true
			continue
		}
		for _, e := range kept {
			a.dropEdge(e.kind, e.from, e.to)
		}
	}
	if noted {
		a.advance(sweeps)
	}
	return noted
}

// link is what makes an edge one edge.
type link struct{ kind, from, to string }

// keptKeys lists the edges that are kept at an id, at most limit.
func (a *account) keptKeys(id string, limit int) []link {
	var kept []link
	for _, dir := range []storage.Direction{storage.Outbound, storage.Inbound} {
		for _, kind := range a.kindsAt(edgeSpace(dir), id) {
			prefix := edgePrefix(kind, id)
			for k := range a.in(edgeSpace(dir)).ascend(prefixed(prefix).after(prefix)) {
				if kept = append(kept, linkAt(kind, dir, id, string(k[len(prefix):]))); len(kept) == limit {
					return kept
				}
			}
		}
	}
	return kept
}

func linkAt(kind string, dir storage.Direction, id, other string) link {
	if dir == storage.Outbound {
		return link{kind, id, other}
	}
	return link{kind, other, id}
}

// sweep removes the edges that the notes of an account name, step by step.
type sweep struct{ account storage.Account }

func (s sweep) String() string { return "remove edges of removed documents" }

func (s sweep) finish(int) {}

func (s sweep) step(w *writing) (bool, error) {
	a := w.account(s.account)
	id := a.in(sweeps).first(span{})
	if id == nil {
		return true, nil
	}
	note := decodeSweep(a.in(sweeps).get(id))
	if note, more := a.sweepSome(string(id), note); more {
		a.put(sweeps, id, note.encode())
	} else {
		a.remove(sweeps, id)
	}
	return false, nil
}

// sweepSome takes one step and tells whether there is more to do.
func (a *account) sweepSome(id string, note sweepNote) (sweepNote, bool) {
	dir := storage.Direction(note.inbound)
	looked := 0
	var gone []link
	for _, kind := range a.kindsAt(edgeSpace(dir), id) {
		prefix := edgePrefix(kind, id)
		for k, v := range a.in(edgeSpace(dir)).ascend(behind(prefix, note.position)) {
			if decodeEdge(v).epoch <= note.epoch {
				gone = append(gone, linkAt(kind, dir, id, string(k[len(prefix):])))
			}
			if looked++; looked == sweepStep {
				note.position = append([]byte(nil), k...)
				a.dropLinks(gone)
				return note, true
			}
		}
	}
	a.dropLinks(gone)
	return sweepNote{epoch: note.epoch, inbound: true}, !note.inbound
}

// behind is the part of the edges with that prefix that follows a position.
func behind(prefix, position []byte) span {
	all := prefixed(prefix)
	from := next(prefix)
	if string(position) > string(from) {
		from = next(position)
	}
	return span{from, all.to}
}

func (a *account) dropLinks(links []link) {
	for _, l := range links {
		a.dropEdge(l.kind, l.from, l.to)
	}
}
