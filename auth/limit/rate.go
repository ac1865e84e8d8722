package limit

import "time"

// Rate is a token bucket: it holds Burst requests and is refilled with PerSecond.
// The zero Rate bounds nothing.
type Rate struct{ PerSecond, Burst int }

// Quota is what a rate leaves after a request. The zero Quota is that of no rate.
type Quota struct {
	Limit     int           // how many the bucket holds, 0 if there is no bound
	Remaining int           // how many would be let through now
	Reset     time.Duration // until Remaining is Limit
	Retry     time.Duration // until another one is let through; 0 if this one is
}

// take lets a request through if the bucket is not empty. A bucket is kept as the
// time at which it is full again, which is all of its state (the generic cell rate
// algorithm, ITU-T I.371), so an old time is as good as none.
func (r Rate) take(full, now time.Duration) (time.Duration, Quota) {
	if r.PerSecond <= 0 || r.Burst <= 0 {
		return full, Quota{}
	}
	each := time.Second / time.Duration(r.PerSecond)
	room := each*time.Duration(r.Burst) - max(full-now, 0)
	q := Quota{Limit: r.Burst}
	if room < each {
		q.Retry = each - room
	} else {
		full, room = max(full, now)+each, room-each
	}
	q.Remaining, q.Reset = int(max(room, 0)/each), full-now
	return full, q
}

// tighter is the one of two that refuses longer, or else has less left.
func (q Quota) tighter(other Quota) Quota {
	switch {
	case other.Limit == 0, q.Retry > other.Retry:
		return q
	case q.Limit == 0, other.Retry > q.Retry, other.Remaining < q.Remaining:
		return other
	}
	return q
}
