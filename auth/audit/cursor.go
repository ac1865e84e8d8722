package audit

import (
	"fmt"
	"strconv"
	"strings"
)

// orders are what a cursor begins with.
var orders = map[bool]string{false: "asc", true: "desc"}

// cursorText is where a walk over several logs stands: the order, and the sequence
// of the last record that was taken of each.
func cursorText(descending bool, at []uint64) string {
	text := orders[descending]
	for _, sequence := range at {
		text += "." + strconv.FormatUint(sequence, 36)
	}
	return text
}

// parseCursor reads what cursorText wrote for a walk in that order over that many
// logs; nil begins.
func parseCursor(text string, descending bool, logs int) ([]uint64, error) {
	if text == "" {
		return nil, nil
	}
	parts := strings.SplitN(text, ".", logs+2)
	at := make([]uint64, 0, logs)
	for _, part := range parts[1:] {
		sequence, err := strconv.ParseUint(part, 36, 63)
		if err != nil {
			break
		}
		at = append(at, sequence)
	}
	if len(at) != logs || cursorText(descending, at) != text {
		return nil, fmt.Errorf("the cursor is not one of this query; begin without one: %w", ErrInvalid)
	}
	return at, nil
}
