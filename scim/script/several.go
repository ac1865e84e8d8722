package script

import "strings"

// ParseAll reads a file of several scripts, each behind a line "*** heading". What
// stands before the first heading is the beginning of every preamble. A file
// without headings is one script.
func ParseAll(name, text string) ([]*Script, error) {
	lines := strings.Split(text, "\n")
	var starts []int
	for i, line := range lines {
		if strings.HasPrefix(line, headed) {
			starts = append(starts, i)
		}
	}
	if len(starts) == 0 {
		s, err := Parse(name, text)
		if err != nil {
			return nil, err
		}
		return []*Script{s}, nil
	}
	scripts := make([]*Script, len(starts))
	for i, start := range starts {
		end := len(lines)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		s, err := Parse(name, part(lines, starts[0], start+1, end))
		if err != nil {
			return nil, err
		}
		s.Heading = strings.TrimSpace(strings.TrimPrefix(lines[start], headed))
		scripts[i] = s
	}
	return scripts, nil
}

// headed begins the line in front of each script of several.
const headed = "*** "

// part returns the common lines and those of one script, each in its place, so
// that messages name the line of the file.
func part(lines []string, common, start, end int) string {
	kept := make([]string, end)
	copy(kept, lines[:common])
	copy(kept[start:], lines[start:end])
	return strings.Join(kept, "\n")
}
