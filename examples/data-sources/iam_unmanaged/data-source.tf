terraform {
  required_providers {
    iam = {
      source = "iam-as-code/iam"
    }
  }
}

# Import blocks for everything that no configuration manages.
data "iam_unmanaged" "all" {}

output "import_blocks" {
  value = join("\n", data.iam_unmanaged.all.objects[*].import_block)
}
