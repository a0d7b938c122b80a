# By the ARN of the device.
terraform import iam_virtual_mfa_device.alice arn:aws:iam::000000000000:mfa/alice-phone
