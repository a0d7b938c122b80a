package catalog

import (
	"strings"
	"sync"

	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// ResourceType is a type of a service's resources.
type ResourceType struct {
	Service *Service
	Name    string
	// ARNs are the forms of the resources' ARNs, as in arn:${Partition}:s3:::${BucketName}/${KeyName}. The service in an
	// ARN may differ from the service's prefix.
	ARNs []string
	// ConditionKeys are the keys that a request about such a resource may have, whatever its action is.
	ConditionKeys []*ConditionKey

	once     sync.Once
	patterns []pattern.ARN
}

// Patterns returns a pattern for each form of the ARNs, with a star in place of each placeholder. A star of the
// resource's part may match slashes and colons, so that a pattern also matches some ARNs that no resource has.
func (t *ResourceType) Patterns() []pattern.ARN {
	t.once.Do(func() {
		for _, form := range t.ARNs {
			t.patterns = append(t.patterns, pattern.CutARN(pattern.Glob(withoutPlaceholders(form))))
		}
	})
	return t.patterns
}

// ResourceTypes returns the types of resource whose ARNs name this service, such as s3 in arn:aws:s3:::bucket.
func (c *Catalog) ResourceTypes(arnService string) []*ResourceType { return c.forms[arnService] }

// addForms adds a type to the index of [Catalog.ResourceTypes].
func (c *Catalog) addForms(t *ResourceType) {
	for _, form := range t.ARNs {
		fields := strings.SplitN(withoutPlaceholders(form), ":", 4)
		if len(fields) < 4 || hasWildcard(fields[2]) {
			continue // a recovery point of AWS Backup may belong to any service
		}
		if list := c.forms[fields[2]]; len(list) == 0 || list[len(list)-1] != t {
			c.forms[fields[2]] = append(list, t)
		}
	}
}
