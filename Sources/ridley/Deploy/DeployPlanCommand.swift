import Base
import Deploy

/// Says what an apply would do.
struct DeployPlanCommand: Command {
  let path = ["deploy", "plan"]
  let summary = "Show what would be created, changed and destroyed on running servers"
  let positionals = [DeployPlace.position]
  let options = [
    DeployPlace.stage, DeployPlace.adopt,
    .value("out", "FILE", "write the plan, for 'ridley deploy apply FILE': no secret is in it"), DeployPlace.json,
  ]
  let examples = [
    "ridley deploy plan site.yaml --stage staging", "ridley deploy plan site.yaml --stage production --out plan.json",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let file = arguments.positionals[0]
    if let out = arguments["out"], !out.hasSuffix(".json") {
      throw arguments.refusal("--out takes a name that ends in .json, by which 'ridley deploy apply' knows a plan")
    }
    let (site, deployment) = try DeployPlace.open(file, stage: arguments["stage"])
    let plan = try deployment.plan(adopts: arguments.has("adopt"))
    if let out = arguments["out"] { try FileSystem.write(plan.json, to: out, isSecret: true) }
    try Terminal.print(
      arguments.has("json")
        ? String(decoding: plan.json, as: UTF8.self) + "\n" : DeployText.text(plan, of: site, file))
    return plan.isEmpty ? .success : .differs
  }
}
