/* tap: as much of the Test Anything Protocol as the validation programs of runtime-tools call. */
package tap

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

/* T counts the tests of one stream. */
type T struct {
	Writer io.Writer
	count  *int
	mark   string
}

func New() *T {
	return &T{Writer: os.Stdout, count: new(int), mark: "-"}
}

/* Header begins the stream; 0 leaves the plan to AutoPlan. */
func (t *T) Header(n int) {
	fmt.Fprintln(t.Writer, "TAP version 13")
	if n > 0 {
		fmt.Fprintf(t.Writer, "1..%d\n", n)
	}
}

func (t *T) Ok(passed bool, description string) {
	word := "ok"
	if !passed {
		word = "not ok"
	}
	*t.count++
	fmt.Fprintf(t.Writer, "%s %d %s %s\n", word, *t.count, t.mark, description)
}

func (t *T) Pass(description string) { t.Ok(true, description) }
func (t *T) Fail(description string) { t.Ok(false, description) }

func (t *T) Skip(n int, description string) {
	for ; n > 0; n-- {
		*t.count++
		fmt.Fprintf(t.Writer, "ok %d # SKIP %s\n", *t.count, description)
	}
}

func (t *T) AutoPlan() {
	fmt.Fprintf(t.Writer, "1..%d\n", *t.count)
}

func (t *T) Diagnostic(message string) {
	fmt.Fprintln(t.Writer, "# "+strings.ReplaceAll(strings.TrimRight(message, "\n"), "\n", "\n# "))
}

func (t *T) Diagnosticf(format string, a ...interface{}) {
	t.Diagnostic(fmt.Sprintf(format, a...))
}

/* YAML writes the details of the last test. JSON is YAML. */
func (t *T) YAML(details interface{}) error {
	text, err := json.MarshalIndent(details, "  ", "  ")
	if err == nil {
		fmt.Fprintf(t.Writer, "  ---\n  %s\n  ...\n", text)
	}
	return err
}

/* Todo is the same stream, for a test that is known to fail and does not count. */
func (t *T) Todo() *T {
	return &T{Writer: t.Writer, count: t.count, mark: "# TODO"}
}
