import Base
import Deploy
import Glibc

/// Has running servers take what a blueprint, or a plan of it, says.
struct DeployApplyCommand: Command {
  private static let usual = 60.0

  let path = ["deploy", "apply"]
  let summary = "Have running servers take what a blueprint or a plan says; go back where that fails"
  let positionals = [
    Positional(name: "site", help: "the blueprint, or the plan.json that 'ridley deploy plan --out' wrote")
  ]
  let options = [
    DeployPlace.stage, DeployPlace.adopt,
    .value(
      "within", "TIME", "for how long each server, version and stream is waited for (default \(Int(usual))s)"),
    .flag("forget", "leave an apply that was interrupted as it is, and what it did to others"), DeployPlace.json,
  ]
  let examples = ["ridley deploy apply plan.json", "ridley deploy apply site.yaml --stage dev"]
  var endsWhenAsked: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    Interrupt.watch()
    let (file, plan) = try source(arguments)
    let stage = plan.map { $0.stage == Site.usualStage ? nil : $0.stage } ?? arguments["stage"]
    let patience = try arguments.seconds("within") ?? Self.usual
    let (_, deployment) = try DeployPlace.open(file, stage: stage, within: patience)
    let isQuiet = arguments.has("json")
    let hooks = Applier.Hooks(
      tell: { if !isQuiet { Terminal.complain("ridley: \($0)\n") } },
      wait: { seconds in
        usleep(UInt32(seconds * 1e6))
        return !Interrupt.isAsked
      }, now: { Clock.date }, seconds: { Double(Clock.now) / 1e9 })
    let outcome = try deployment.apply(
      plan, adopts: arguments.has("adopt"), forgets: arguments.has("forget"), patience: patience, hooks)
    return try tell(outcome, isQuiet)
  }

  /// The blueprint, and the plan where that is what was named.
  private func source(_ arguments: Arguments) throws(Fault) -> (String, DeployPlan?) {
    let file = arguments.positionals[0]
    guard file.hasSuffix(".json") else { return (file, nil) }
    guard arguments["stage"] == nil, !arguments.has("adopt") else {
      throw arguments.refusal("a plan says itself which stage it is of, and what it takes over")
    }
    let plan = try DeployPlan(try FileSystem.read(file), name: file)
    return (plan.site, plan)
  }

  private func tell(_ outcome: Deployment.Outcome, _ wantsJSON: Bool) throws(Fault) -> ExitCode {
    switch outcome {
    case .nothing, .done:
      let word = outcome == .done ? "applied" : "nothing to do"
      try Terminal.print(wantsJSON ? JSONText.line { $0.field("outcome", word) } : "\(word)\n")
      return .success
    case .back(let reason, let left):
      let rest =
        left.isEmpty
        ? "servers are as they were before"
        : "servers are as they were before, but:" + left.map { "\n  \($0)" }.joined()
      throw Fault(.conflict, "it was not applied: \(reason)\n\(rest)")
    }
  }
}
