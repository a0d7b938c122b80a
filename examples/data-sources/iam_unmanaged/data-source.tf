terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

# What was made by hand and is in no configuration, ready to be imported.
data "iam_unmanaged" "all" {}

output "import_blocks" {
  value = join("\n", data.iam_unmanaged.all.objects[*].import_block)
}
