package httpauth

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"time"
)

// hurry bounds how long a body may take to come, because it holds places until then:
// 10 s, and 1 s for each 16 KiB of it, or the whole time if its length is not known.
// Once it is there, the time of the connection is its own again.
func (x *exchange) hurry(r *http.Request) {
	if r.ContentLength == 0 {
		return
	}
	patience := x.mux.config.Timeout
	if pieces := r.ContentLength / (16 << 10); r.ContentLength > 0 && pieces < int64(patience/time.Second) {
		patience = min(patience, 10*time.Second+time.Duration(pieces)*time.Second)
	}
	// What cannot be bounded is no connection.
	_ = http.NewResponseController(x.ResponseWriter).SetReadDeadline(time.Now().Add(patience))
}

// maxNobodys bounds a body that nobody in particular sends, in bytes. An open route
// takes a form or a few texts.
const maxNobodys = 64 << 10

// receive reads the body of a request from nobody before that takes its places. All
// of nobody share these, so a few who send slowly would keep everybody out. Until
// then it costs no more than a header. The handler finds what came, and then why the
// rest did not.
func (x *exchange) receive(r *http.Request) {
	if r.ContentLength == 0 {
		return
	}
	if r.ContentLength < 0 || r.ContentLength > maxNobodys {
		r.ContentLength = maxNobodys
	}
	x.hurry(r)
	came, err := io.ReadAll(http.MaxBytesReader(x, r.Body, maxNobodys))
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(came), broken{cmp.Or(err, io.EOF)}))
	r.ContentLength = int64(len(came))
}

// broken is the end of a body, and why it is.
type broken struct{ error }

func (b broken) Read([]byte) (int, error) { return 0, b.error }
