package admin

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// The names of the operations, as paths.
const (
	accountCreate  = "account/create"
	accountSet     = "account/set"
	accountShow    = "account/show"
	accountList    = "account/list"
	tokenCreate    = "token/create"
	tokenList      = "token/list"
	tokenRevoke    = "token/revoke"
	tokenRotate    = "token/rotate"
	accountState   = "account/state"
	accountDelete  = "account/delete"
	accountDeleted = "account/deleted"
	keyList        = "key/list"
	keyRotate      = "key/rotate"
	letterList     = "letter/list"
	letterShow     = "letter/show"
	letterRetry    = "letter/retry"
	letterDrop     = "letter/drop"
	auditRead      = "audit/read"
	auditExport    = "audit/export"
	check          = "check"
	backup         = "backup"
)

func (s *Service) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /"+accountCreate, handle(s.CreateAccount))
	mux.Handle("POST /"+accountSet, handle(s.SetAccount))
	mux.Handle("POST /"+accountShow, handle(s.ShowAccount))
	mux.Handle("POST /"+accountList, handle(s.ListAccounts))
	mux.Handle("POST /"+accountState, handle(s.SetAccountState))
	mux.Handle("POST /"+accountDelete, handle(s.DeleteAccount))
	mux.Handle("POST /"+accountDeleted, handle(s.ListDeletedAccounts))
	mux.Handle("POST /"+tokenCreate, handle(s.CreateToken))
	mux.Handle("POST /"+tokenList, handle(s.ListTokens))
	mux.Handle("POST /"+tokenRotate, handle(s.RotateToken))
	mux.Handle("POST /"+tokenRevoke, handle(s.RevokeToken))
	mux.Handle("POST /"+keyList, handle(s.ListKeys))
	mux.Handle("POST /"+keyRotate, handle(s.RotateKey))
	mux.Handle("POST /"+letterList, handle(s.ListLetters))
	mux.Handle("POST /"+letterShow, handle(s.ShowLetter))
	mux.Handle("POST /"+letterRetry, handle(s.RetryLetter))
	mux.Handle("POST /"+letterDrop, handle(s.DropLetter))
	mux.Handle("POST /"+auditRead, handle(s.ReadAudit))
	mux.HandleFunc("POST /"+auditExport, s.exportAudit)
	mux.Handle("POST /"+check, handle(s.Check))
	mux.Handle("POST /"+backup, handle(s.Backup))
	return mux
}

// maxQuestion bounds the body of a request. The longest has settings as a string,
// where an escape takes up to six bytes.
const maxQuestion = 8 * MaxSettings

// handle makes a handler of an operation.
func handle[In, Out any](operation func(context.Context, In) (Out, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in In
		w.Header().Set("Content-Type", "application/json")
		if !begin(w, r, &in) {
			return
		}
		out, err := operation(asOperator(r.Context()), in)
		_ = json.NewEncoder(w).Encode(answerOf(out, err)) // fails only if the other side is gone
	})
}

// begin reads a question and reports whether there is to be an answer. The header of
// the answer goes out before the operation starts, so that the other side can tell a
// long operation from a server that is stuck; whether it went well comes after it.
func begin(w http.ResponseWriter, r *http.Request, in any) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxQuestion))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return false
	}
	w.WriteHeader(http.StatusOK)
	// Whoever is gone would not know what was done.
	return http.NewResponseController(w).Flush() == nil
}

func answerOf(out any, err error) answer {
	if err != nil {
		return answer{Error: err.Error()}
	}
	result, err := json.Marshal(out)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Result: result}
}

// Server answers on the socket of a data folder.
type Server struct {
	listener net.Listener
	http     *http.Server
}

// Listen opens the socket of a data folder, and takes the place of one that a
// dead server left. The caller must hold the folder's database: that is what
// keeps two servers apart.
func Listen(folder string, s *Service, logger *slog.Logger) (*Server, error) {
	listener, err := listen(folder)
	if err != nil {
		return nil, err
	}
	return &Server{listener, &http.Server{
		Handler: s.routes(),
		// There is no ReadTimeout: it would also end the context of a long check.
		ReadHeaderTimeout: patience,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    8 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}}, nil
}

// Serve answers until Shutdown, and then returns http.ErrServerClosed.
func (s *Server) Serve() error { return s.http.Serve(s.listener) }

// Shutdown removes the socket and waits for running operations until ctx ends,
// when it breaks them off.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		_ = s.http.Close()
	}
	return err
}
