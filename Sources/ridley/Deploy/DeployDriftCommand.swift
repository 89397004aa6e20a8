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
    let (_, deployment) = try DeployPlace.open(arguments.positionals[0], stage: arguments["stage"])
    let findings = try deployment.drift()
    try Terminal.print(
      arguments.has("json")
        ? JSONText.line { json in
          json.array("drift") { json in for finding in findings { json.object { DeployText.write(finding, into: &$0) } }
          }
        } : findings.isEmpty ? "all is as it was applied\n" : findings.map(DeployText.text).joined())
    return findings.isEmpty ? .success : .differs
  }
}
