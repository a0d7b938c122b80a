package account

import (
	"hash/maphash"
	"runtime"
	"sync"
	"weak"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// library is a cache of compiled policies by text. It compiles equal texts once. An
// account and all accounts made from it share one library. The library has weak
// pointers, so the garbage collector frees a policy that no account uses any more.
type library struct {
	mutex sync.Mutex
	texts map[uint64]weak.Pointer[authz.Compiled]
}

// compile returns the compiled form of a document. Errors name the policy name.
func (l *library) compile(kind authz.LayerKind, name string, d Document) (document, error) {
	if d.tree != nil {
		parsed, err := policy.Decode(*d.tree)
		if err != nil {
			return document{}, err
		}
		compiled, err := authz.Compile(kind, authz.Policy{Name: name, Document: parsed})
		return document{compiled, d.tree}, err
	}
	hash := maphash.String(seed, d.text) ^ uint64(kind)
	if c := l.find(hash); c != nil && c.Text() == d.text && c.Kind() == kind && (d.stored || !c.Unreadable()) {
		return document{compiled: c}, nil
	}
	compiled, err := compileText(kind, name, d)
	if err != nil && d.stored {
		compiled, err = authz.CompileUnreadable(kind, name, d.text), nil
	}
	if err != nil {
		return document{}, err
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.texts[hash].Value() == nil {
		l.texts[hash] = weak.Make(compiled)
		runtime.AddCleanup(compiled, l.forget, hash)
	}
	return document{compiled: compiled}, nil
}

func compileText(kind authz.LayerKind, name string, d Document) (*authz.Compiled, error) {
	if d.parsed != nil {
		return authz.CompileParsed(kind, name, d.text, d.parsed)
	}
	return authz.CompileText(kind, name, d.text)
}

func (l *library) find(hash uint64) *authz.Compiled {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.texts[hash].Value()
}

// forget deletes the entry of a compiled policy that was freed.
func (l *library) forget(hash uint64) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.texts[hash].Value() == nil {
		delete(l.texts, hash)
	}
}

// document is a compiled document. A document that was given as a tree has no text;
// for any other document, compiled has the text.
type document struct {
	compiled *authz.Compiled
	tree     *tree.Node
}

func (d document) value() Document {
	if d.tree != nil {
		return Document{tree: d.tree}
	}
	return Document{text: d.compiled.Text(), stored: d.compiled.Unreadable()}
}

func newLibrary() *library { return &library{texts: map[uint64]weak.Pointer[authz.Compiled]{}} }
