import Base
import Deploy

/// Says what is not as it was applied.
struct DeployDriftCommand: Command {
  let path = ["deploy", "drift"]
  let summary = "Show what on running servers is not as it was applied last, and who changed it where that is known"
  let positionals = [DeployPlace.position]
  let options = [DeployPlace.stage, DeployPlace.json]
  let examples = ["ridley deploy drift site.yaml --stage production"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let (site, deployment) = try DeployPlace.open(arguments.positionals[0], stage: arguments["stage"])
    let report = try deployment.drift()
    guard report.wasApplied || report.isOpen else {
      throw Fault(
        .notFound,
        "nothing of the stage '\(site.stage)' was applied from here, so nothing can be told of it: 'ridley deploy plan' compares servers with the blueprint"
      )
    }
    try Terminal.print(
      arguments.has("json") ? JSONText.line { DeployText.write(report, into: &$0) } : DeployText.text(report))
    return report.isEmpty ? .success : .differs
  }
}
