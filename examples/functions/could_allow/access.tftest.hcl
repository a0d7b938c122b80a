# Run: terraform init && terraform test

run "own_bucket" {
  command = plan

  assert {
    condition     = provider::iam::allows(output.team_policy, "s3:GetObject", "arn:aws:s3:::team/report.csv")
    error_message = "The team must be able to read its reports."
  }

  assert {
    condition     = !provider::iam::could_allow(output.team_policy, "ec2:RunInstances", "arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0")
    error_message = "The team must never start instances."
  }
}

run "administration_is_refused" {
  command = plan

  variables {
    team_policy = <<-JSON
      {
        "Version": "2012-10-17",
        "Statement": [{
          "Effect": "Allow", "Action": "iam:*", "Resource": "*",
          "Condition": { "Bool": { "aws:MultiFactorAuthPresent": "true" } }
        }]
      }
    JSON
  }

  expect_failures = [var.team_policy]
}
