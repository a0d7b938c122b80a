package engine

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// Origin describes where an object of the account comes from, as the audit trail says. The zero Origin belongs to an
// object whose creation the trail does not show, such as an object of an imported account.
type Origin struct {
	// Configuration is the id of the Terraform configuration that made the object, or that imported it later. It is empty
	// if neither was done by Terraform.
	Configuration string
	// Run is the id of the Terraform run that made the object. It is empty if Terraform did not make it.
	Run string
	// CreatedAt is the time of the call that made the object exist: for a link, the latest call that made it.
	CreatedAt time.Time
	// RunEnded reports whether the run ended in good order after it had made the object, so that its state has the object.
	RunEnded bool
	// Confirmed reports whether the state of the configuration is known to have the object: a later run of the
	// configuration has confirmed or imported it.
	Confirmed bool
	// ChangedByOthers reports whether anybody but Terraform with this configuration changed the object after that, or, for
	// a user, group, role or policy, an object that belongs to it. It is false without a configuration.
	ChangedByOthers bool
}

var originShape = model.Shape{Name: "origin", Type: model.Structure, Members: []model.Member{
	member("Configuration", &idShape, "The id of the Terraform configuration that made or imported the object."),
	member("Run", &idShape, "The id of the Terraform run that made the object."),
	member("CreatedAt", &timeShape, "The time of the call that made the object."),
	member("RunEnded", &booleanShape, "Whether the run ended in good order after it had made the object."),
	member("Confirmed", &booleanShape, "Whether the state of the configuration is known to have the object."),
	member("ChangedByOthers", &booleanShape, "Whether others than the configuration changed the object later."),
}}

// DescribeOriginInput names an object of the account.
type DescribeOriginInput struct {
	// UniqueID is the id of a user, group, role, managed policy or access assertion, or the serial number of an MFA
	// device. It is required.
	UniqueID string
	// Kind is the kind of an object that belongs to the entity. It is empty for the entity itself.
	Kind ResourceKind
	// Name is the name of that object, see [ResourceKind].
	Name string
}

// DescribeOriginOutput contains the origin.
type DescribeOriginOutput struct {
	Origin Origin

	ResultMetadata middleware.Metadata
}

// DescribeOrigin returns which Terraform configuration and run made an object of the account, and whether that run
// recorded the object in its state. It derives the answer from the audit trail. Only the local operator may call
// DescribeOrigin.
func (c *Client) DescribeOrigin(ctx context.Context, in *DescribeOriginInput) (*DescribeOriginOutput, error) {
	return do(ctx, c, describeOrigin, in)
}

var describeOrigin = registerExtension("Returns which Terraform configuration and run made an object.",
	resourceMembers(), []model.Member{member("Origin", &originShape, "The origin of the object.")},
	operation[DescribeOriginInput, DescribeOriginOutput]{
		name: "DescribeOrigin", audience: localOperatorOnly,
		run: func(c *call, in *DescribeOriginInput) (*DescribeOriginOutput, error) {
			owner, key, err := c.resource(in.UniqueID, in.Kind, in.Name)
			if err != nil {
				return nil, err
			}
			origins, err := c.originsOf(owner, []Dependent{{Kind: in.Kind, Name: in.Name, key: key}})
			if err != nil {
				return nil, err
			}
			return &DescribeOriginOutput{Origin: origins[key]}, nil
		},
	})

// ListDependentsInput names an entity.
type ListDependentsInput struct {
	// UniqueID is the id of a user, group, role or managed policy. It is required.
	UniqueID string
}

// ListDependentsOutput contains the objects.
type ListDependentsOutput struct {
	Dependents []Dependent

	ResultMetadata middleware.Metadata
}

// ListDependents lists the objects that prevent the deletion of an entity, with their origins. For a user, these are
// inline and attached policies, groups, access keys, MFA devices and the login profile; for a group, inline and
// attached policies and members; for a role, inline and attached policies; for a managed policy, the identities that it
// is attached to and those whose permissions boundary it is. Only the local operator may call ListDependents.
func (c *Client) ListDependents(ctx context.Context, in *ListDependentsInput) (*ListDependentsOutput, error) {
	return do(ctx, c, listDependents, in)
}

var listDependents = registerExtension("Lists the objects that prevent the deletion of an entity.",
	[]model.Member{required(idMember("Unique", &idShape, "The unique id of a user, group, role or managed policy."))},
	[]model.Member{member("Dependents", &model.Shape{Name: "dependents", Type: model.List, Element: &model.Shape{
		Name: "dependent", Type: model.Structure, Members: []model.Member{
			member("Kind", &nameShape, "The kind of the object."),
			member("Name", &arnShape, "The name of the object among those of its kind."),
			idMember("Other", &idShape, "The unique id of the entity at the other end of a link."),
			member("Origin", &originShape, "The origin of the object."),
		},
	}}, "The objects.")},
	operation[ListDependentsInput, ListDependentsOutput]{
		name: "ListDependents", audience: localOperatorOnly,
		run: func(c *call, in *ListDependentsInput) (*ListDependentsOutput, error) {
			owner, err := c.entity(in.UniqueID)
			if err != nil {
				return nil, err
			}
			dependents, err := c.dependentsOf(owner, false)
			if err != nil {
				return nil, err
			}
			origins, err := c.originsOf(owner, dependents)
			if err != nil {
				return nil, err
			}
			for i := range dependents {
				dependents[i].Origin = origins[dependents[i].key]
			}
			return &ListDependentsOutput{Dependents: dependents}, nil
		},
	})

// originsOf returns the origins of objects that belong to one entity, by their keys. It reads the records about the
// entity once. Those about an MFA device have another subject.
func (c *call) originsOf(owner entity, resources []Dependent) (map[string]Origin, error) {
	subjects := map[string][]string{}
	for _, r := range resources {
		subject := owner.uniqueID
		if r.Kind == MFADeviceResource {
			subject = r.Name
		}
		subjects[subject] = append(subjects[subject], r.key)
	}
	origins := map[string]Origin{}
	ended := endedRuns{}
	for subject, keys := range subjects {
		found, err := c.traceOrigins(subject, owner, keys)
		if err != nil {
			return nil, err
		}
		for key, traced := range found {
			if traced.RunEnded, err = ended.after(c.tx, traced.Run, traced.number); err != nil {
				return nil, err
			}
			origins[key] = traced.Origin
		}
	}
	return origins, nil
}

// tracedOrigin is an origin with the number of the record of the creation.
type tracedOrigin struct {
	Origin
	number int64
}

// traceOrigins derives the origins of objects from the records about a subject.
func (c *call) traceOrigins(subject string, owner entity, keys []string) (map[string]*tracedOrigin, error) {
	found := map[string]*tracedOrigin{}
	for entry, err := range c.tx.AuditEntries(AuditFilter{Subject: subject}) {
		if err != nil {
			return nil, err
		}
		call, err := decodeChange(entry)
		if err != nil {
			return nil, err
		}
		if call.event.ReadOnly || call.event.ErrorCode != "" {
			continue
		}
		for _, key := range keys {
			call.apply(key, owner, found)
		}
	}
	return found, nil
}

// recordedChange is the record of a change.
type recordedChange struct {
	number        int64
	event         audit.Event
	configuration string // empty for a call that Terraform did not make
	objects       []audit.ObjectChange
}

func decodeChange(entry store.AuditEntry) (recordedChange, error) {
	event, err := audit.Decode(entry.Body)
	if err != nil {
		return recordedChange{}, err
	}
	call := recordedChange{number: entry.Number, event: event}
	// Only the local operator acts for a configuration. Other callers may claim any circumstances.
	if event.AdditionalEventData[audit.KeyOperatingSystemUser] != nil {
		call.configuration, _ = event.AdditionalEventData[audit.KeyConfiguration].(string)
	}
	if !event.ReadOnly {
		var record struct {
			Data struct {
				Objects []audit.ObjectChange `json:"objects"`
			} `json:"additionalEventData"`
		}
		err = json.Unmarshal(entry.Body, &record)
		call.objects = record.Data.Objects
	}
	return call, err
}

// apply applies the change to the origin of the object with a key.
func (r *recordedChange) apply(key string, owner entity, found map[string]*tracedOrigin) {
	origin := found[key]
	switch r.event.EventName {
	case AdoptedEvent, confirmedEvent:
		named, isSet := r.event.ResponseElements["resource"].(string)
		if !isSet { // a record of an earlier version, which is about the entity
			named = owner.key
		}
		if named != key || r.configuration == "" {
			return
		}
		if origin == nil { // the creation is not in the trail
			origin = &tracedOrigin{number: r.number}
			found[key] = origin
		}
		if r.event.EventName == AdoptedEvent {
			if origin.Configuration != r.configuration {
				origin.ChangedByOthers = false
			}
			origin.Configuration = r.configuration
		}
		origin.Confirmed = origin.Confirmed || origin.Configuration == r.configuration
		return
	}
	switch r.effect(key, owner) {
	case creates:
		run, _ := r.event.AdditionalEventData[audit.KeyRun].(string)
		if r.configuration == "" {
			run = ""
		}
		found[key] = &tracedOrigin{number: r.number, Origin: Origin{
			Configuration: r.configuration, Run: run, CreatedAt: r.event.EventTime,
		}}
	case deletes:
		delete(found, key)
	case changes:
		if origin != nil && origin.Configuration != "" && origin.Configuration != r.configuration {
			origin.ChangedByOthers = true
		}
	}
}

// effect is the effect of a call on one object.
type effect int

const (
	leaves effect = iota
	creates
	changes
	deletes
)

// effect returns the effect of the call on the object with a key.
func (r *recordedChange) effect(key string, owner entity) effect {
	kind, id, _ := strings.Cut(key, "/")
	if kind == string(BoundaryResource) {
		return r.effectOnBoundary(id)
	}
	if r.event.EventSource != audit.SourceIAM {
		return leaves // the use of an identity or of an MFA device changes what the device stores about its last code
	}
	for _, o := range r.objects {
		if o.Kind != kind || o.ID != id {
			continue
		}
		switch {
		// A login profile is stored together with the passwords of earlier ones.
		case kind == loginProfileObject.name && r.event.EventName == "CreateLoginProfile", o.Before == "":
			return creates
		case kind == loginProfileObject.name && r.event.EventName == "DeleteLoginProfile", o.After == "":
			return deletes
		}
		return changes
	}
	if key == owner.key && len(r.objects) > 0 {
		return changes // of an object that belongs to the entity
	}
	return leaves
}

// effectOnBoundary returns the effect of the call on the permissions boundary of an identity.
func (r *recordedChange) effectOnBoundary(identityID string) effect {
	isChanged := slices.ContainsFunc(r.objects, func(o audit.ObjectChange) bool {
		return o.Kind == identityObject.name && o.ID == identityID
	})
	if !isChanged {
		return leaves
	}
	switch r.event.EventName {
	case "PutUserPermissionsBoundary", "PutRolePermissionsBoundary", replacePolicyEvent:
		return creates
	case "DeleteUserPermissionsBoundary", "DeleteRolePermissionsBoundary":
		return deletes
	case "CreateUser", "CreateRole":
		if r.event.RequestParameters["permissionsBoundary"] != nil {
			return creates
		}
	}
	return leaves
}
