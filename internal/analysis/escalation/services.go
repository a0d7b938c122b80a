package escalation

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// service is a service that runs code or templates of a person as a role which the person passes to it.
type service struct {
	principal string
	actions   []authz.Action
	// assumes is what must exist besides. It is a sentence without its full stop, or empty.
	assumes string
}

// services are the ways to let a service act as a role. The list is made from testdata/escalation-paths.json.
var services = []*service{
	serviceOf("lambda.amazonaws.com", "", "lambda:CreateFunction", "lambda:InvokeFunction"),
	serviceOf("lambda.amazonaws.com", "", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"),
	serviceOf("lambda.amazonaws.com", "", "lambda:CreateFunction", "lambda:AddPermission"),
	serviceOf("ec2.amazonaws.com", "The role has an instance profile", "ec2:RunInstances"),
	serviceOf("ec2.amazonaws.com", "The role has an instance profile", "ec2:RequestSpotInstances"),
	serviceOf("cloudformation.amazonaws.com", "", "cloudformation:CreateStack"),
	serviceOf("cloudformation.amazonaws.com", "The role can administer and execute stack sets",
		"cloudformation:CreateStackSet", "cloudformation:CreateStackInstances"),
	serviceOf("codebuild.amazonaws.com", "", "codebuild:CreateProject", "codebuild:StartBuild"),
	serviceOf("codebuild.amazonaws.com", "", "codebuild:CreateProject", "codebuild:StartBuildBatch"),
	serviceOf("ecs-tasks.amazonaws.com", "A cluster exists", "ecs:RegisterTaskDefinition", "ecs:RunTask"),
	serviceOf("ecs-tasks.amazonaws.com", "A cluster exists", "ecs:RegisterTaskDefinition", "ecs:CreateService"),
	serviceOf("ecs-tasks.amazonaws.com", "A cluster with a container instance exists", "ecs:RegisterTaskDefinition",
		"ecs:StartTask"),
	serviceOf("glue.amazonaws.com", "", "glue:CreateDevEndpoint"),
	serviceOf("glue.amazonaws.com", "", "glue:CreateJob", "glue:StartJobRun"),
	serviceOf("glue.amazonaws.com", "", "glue:CreateJob", "glue:CreateTrigger"),
	serviceOf("glue.amazonaws.com", "A job exists", "glue:UpdateJob", "glue:StartJobRun"),
	serviceOf("glue.amazonaws.com", "A job exists", "glue:UpdateJob", "glue:CreateTrigger"),
	serviceOf("sagemaker.amazonaws.com", "", "sagemaker:CreateNotebookInstance"),
	serviceOf("sagemaker.amazonaws.com", "", "sagemaker:CreateTrainingJob"),
	serviceOf("sagemaker.amazonaws.com", "", "sagemaker:CreateProcessingJob"),
	serviceOf("tasks.apprunner.amazonaws.com", "", "apprunner:CreateService"),
	serviceOf("bedrock-agentcore.amazonaws.com", "", "bedrock-agentcore:CreateCodeInterpreter",
		"bedrock-agentcore:StartCodeInterpreterSession", "bedrock-agentcore:InvokeCodeInterpreter"),
	serviceOf("datapipeline.amazonaws.com", "An instance profile for the pipeline's instances exists",
		"datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition", "datapipeline:ActivatePipeline"),
}

func serviceOf(principal, assumes string, actions ...string) *service {
	s := &service{principal: principal, assumes: assumes}
	for _, a := range actions {
		s.actions = append(s.actions, authz.MustAction(a))
	}
	return s
}

// trustedBy reports whether a role may be assumed by the service.
func (s *service) trustedBy(trust *authz.Layer, role string) bool {
	p := authz.MustPrincipal(s.principal)
	context := authz.NewContext()
	for key, value := range p.Keys() {
		_ = context.Set(key, value)
	}
	context.LimitChoice("aws:Source", "aws:ResourceAccount")
	policies := authz.Policies{ResourcePolicy: trust}
	r := authz.Request{Principal: p, Action: assumeRole, Resource: role, Context: context}
	return policies.CouldAllow(&r) == authz.Possible
}

// planService plans a move that passes a role to a service. It begins with the request about the role.
func (m *move) planService(acc *account.Account, pass call) (out planned, ok bool) {
	trust, found := acc.TrustPolicy(m.name)
	if !found || !m.service.trustedBy(trust.Layer(), pass.resource) {
		return out, false
	}
	out.calls = []call{pass.with(key("iam:PassedToService", m.service.principal))}
	for i, action := range m.service.actions {
		out.calls = append(out.calls, call{action: action, resource: m.resources[i]})
	}
	out.gains, out.assumes = pass.resource, m.service.assumes
	out.result = "lets the service " + m.service.principal + " run its code as the role " + m.name
	return out, true
}

// serviceResources returns a resource for each action of a service with which the actor could be allowed the action. It
// is nil if there is none for some action. The names come from the statements of the actor.
func (s *search) serviceResources(acc *account.Account, by *actor, of *service) []string {
	policies := by.access.Policies()
	outlines := policies.Outlines()
	var out []string
	for _, action := range of.actions {
		if !mayPerform(by, action) {
			return nil
		}
		resource, found := "*", false
		for _, resource = range s.candidates(acc, outlines, action) {
			c := call{action: action, resource: resource}
			if possible, _, _ := by.decide(acc, &c); possible == authz.Possible {
				found = true
				break
			}
		}
		if !found {
			return nil
		}
		out = append(out, resource)
	}
	return out
}

// candidates returns resources of the service of an action that the statements name, and "*".
func (s *search) candidates(acc *account.Account, outlines []authz.Outline, action authz.Action) []string {
	prefix, _, _ := strings.Cut(action.String(), ":")
	out := []string{"*"}
	for i := range outlines {
		if o := &outlines[i]; !o.MayAllow || o.Unknown {
			continue
		}
		view := s.sources.View(&outlines[i])
		if view.Resource.Not {
			continue
		}
		for _, text := range view.Resource.Texts {
			arn, err := policy.ParseARN(text)
			if err != nil || arn.Service != prefix || strings.Contains(text, "${") {
				continue
			}
			example := func(field, usual string) string {
				if strings.Trim(field, "*") == "" && field != "" {
					return usual
				}
				return strings.NewReplacer("*", "x", "?", "x").Replace(field)
			}
			out = append(out, strings.Join([]string{"arn", example(arn.Partition, "aws"), prefix,
				example(arn.Region, "us-east-1"), example(arn.Account, acc.ID()), example(arn.Resource, "x")}, ":"))
		}
	}
	return out
}
