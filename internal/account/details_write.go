package account

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// AuthorizationDetails returns the account as the output of `aws iam
// get-account-authorization-details`, sorted by name, with documents as JSON objects.
// It returns an error if the account has unknown values.
func (a *Account) AuthorizationDetails() ([]byte, error) {
	w := detailWriter{account: a, attachments: map[slot]int{}, boundaries: map[slot]int{}}
	if len(a.pending) > 0 {
		return nil,
			fmt.Errorf("writing the account %s: the receiver of %s is unknown until the plan is applied", a.id,
				a.pending[0].entry.Key)
	}
	out := struct {
		UserDetailList  []userDetail
		GroupDetailList []groupDetail
		RoleDetailList  []roleDetail
		Policies        []policyDetail

		AccessAssertionDetailList AssertionDetails `json:",omitempty"`
	}{[]userDetail{}, []groupDetail{}, []roleDetail{}, []policyDetail{}, a.assertions}
	for _, i := range a.users.sorted() {
		out.UserDetailList = append(out.UserDetailList, w.user(i))
	}
	for _, i := range a.groups.all() {
		out.GroupDetailList = append(out.GroupDetailList, w.group(i))
	}
	for _, i := range a.roles.sorted() {
		out.RoleDetailList = append(out.RoleDetailList, w.role(i))
	}
	for _, m := range a.policies.all() {
		out.Policies = append(out.Policies, w.policy(m))
	}
	if w.err != nil {
		return nil, fmt.Errorf("writing the account %s: %w", a.id, w.err)
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "    ")
	err := encoder.Encode(out)
	return text.Bytes(), err
}

type detailWriter struct {
	account                 *Account
	attachments, boundaries map[slot]int // the number of attachments and boundary uses of each policy
	err                     error
}

func (w *detailWriter) user(i *identity) userDetail {
	return userDetail{
		Path: i.path, UserName: i.name, UserID: i.id, Arn: w.account.arn(i), CreateDate: dateOf(timeOf(i.created)),
		UserPolicyList: w.inline(i), GroupList: append([]string{}, w.account.groupNames(i.groups())...),
		AttachedManagedPolicies: w.attached(i), PermissionsBoundary: w.boundary(i),
		Tags: append([]Tag{}, i.extraFields().tags...),
	}
}

func (w *detailWriter) group(i *identity) groupDetail {
	return groupDetail{
		Path: i.path, GroupName: i.name, GroupID: i.id, Arn: w.account.arn(i), CreateDate: dateOf(timeOf(i.created)),
		GroupPolicyList: w.inline(i), AttachedManagedPolicies: w.attached(i),
	}
}

func (w *detailWriter) role(i *identity) roleDetail {
	r := i.extras.role
	return roleDetail{
		Path: i.path, RoleName: i.name, RoleID: i.id, Arn: w.account.arn(i), CreateDate: dateOf(timeOf(i.created)),
		AssumeRolePolicyDocument: w.document(r.trust.value(), i.String()),
		InstanceProfileList:      append([]json.RawMessage{}, r.instanceProfiles...),
		RolePolicyList:           w.inline(i), AttachedManagedPolicies: w.attached(i), PermissionsBoundary: w.boundary(i),
		Tags:         append([]Tag{}, i.extraFields().tags...),
		RoleLastUsed: &lastUsedDetail{dateOf(timeOf(r.lastUsed)), r.lastUsedRegion},
		Description:  r.description, MaxSessionDuration: r.maxSessionDuration,
	}
}

// policy must run after user, group and role, because they count the uses of each policy.
func (w *detailWriter) policy(m *managed) policyDetail {
	path, name := policyName(m.arn)
	at := w.account.policies.slotOf(m.arn)
	attachable := !m.unattachable
	out := policyDetail{
		PolicyName: name, PolicyID: m.id, Arn: m.arn, Path: path, DefaultVersionID: m.versions[m.current].id,
		AttachmentCount: w.attachments[at], PermissionsBoundaryUsageCount: w.boundaries[at], IsAttachable: &attachable,
		Description: m.description, CreateDate: dateOf(timeOf(m.created)), UpdateDate: dateOf(timeOf(m.updated)),
		Tags: slices.Clone(m.tags),
	}
	value := m.value()
	for _, v := range value.Versions {
		out.PolicyVersionList = append(out.PolicyVersionList,
			versionDetail{w.document(v.Document, m.arn), v.ID, v.ID == value.Default, dateOf(v.Created)})
	}
	return out
}

func (w *detailWriter) inline(i *identity) []inlineDetail {
	if i.extraFields().unknown != (Unknown{}) {
		w.fail("the policies of %s are unknown until the plan is applied", i)
	}
	out := []inlineDetail{}
	for k := range i.extraFields().inline {
		p := &i.extraFields().inline[k]
		out = append(out, inlineDetail{p.name, w.document(p.document.value(), p.String())})
	}
	return out
}

func (w *detailWriter) attached(i *identity) []attachedDetail {
	out := []attachedDetail{}
	for _, s := range i.policies() {
		_, arn := w.account.policies.at(s)
		_, name := policyName(arn)
		out = append(out, attachedDetail{name, arn})
		w.attachments[s]++
	}
	return out
}

func (w *detailWriter) boundary(i *identity) *boundaryDetail {
	if i.boundary == 0 {
		return nil
	}
	w.boundaries[i.boundary]++
	return &boundaryDetail{"Policy", w.account.boundaryARN(i)}
}

func (w *detailWriter) document(d Document, owner string) json.RawMessage {
	text, ok := d.Text()
	if !ok {
		w.fail("the document of %s is unknown until the plan is applied", owner)
		return json.RawMessage("null")
	}
	return json.RawMessage(text)
}

func (w *detailWriter) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf(format, args...)
	}
}
