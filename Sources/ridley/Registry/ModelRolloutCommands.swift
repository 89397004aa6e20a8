import Base
import Registry
import Rollouts

/// A version takes over step by step.
struct ModelRolloutCommand: Command {
  let path = ["model", "rollout"]
  let summary = "Have a version take over step by step, and back out by itself where a rule fails"
  let positionals = [
    Positional(name: "version", help: "MODEL@VERSION: a number, an alias, or a digest's beginning")
  ]
  let options: [Option] = [
    .value(
      "shadow", "SHARE",
      "of all questions, ask this share of the other version too, unseen; 0% for none (default \(Rollout.percent(RolloutPlan.usualShadow)))"
    ),
    .value(
      "canary", "SHARE,…",
      "shares of requests that the version answers, step by step (default \(RolloutPlan.usualCanary.map(Rollout.percent).joined(separator: ","))); none leaves the last word to 'promote'"
    ),
    .value("every", "TIME", "how long a step takes at least (default \(RolloutPlan.usualEvery / 60_000)m)"),
    .value("rule", "RULE", "what must hold (default '\(RolloutPlan.usualRule)'); see docs/rollouts.md"),
    .value(
      "tolerance", "SHARE",
      "how far apart numbers of raw tensors may be, as a share of what is usual for their kind (default \(Rollout.percent(RolloutPlan.usualTolerance)))"
    ),
    RegistryWords.by, RegistryWords.reason, RegistryWords.json, LibraryPlace.option,
  ]
  let examples = [
    "ridley model rollout inspector@4",
    "ridley model rollout inspector@4 --canary 5%,100% --every 10m --rule 'p95 < 1.2x and errors == 0'",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let words = arguments.positionals[0].split(separator: "@", maxSplits: 1).map(String.init)
    guard words.count == 2 else {
      throw arguments.refusal(
        "'\(arguments.positionals[0])' names no version: say which one is to take over, such as inspector@4")
    }
    var ask = RolloutAsk(version: words[1])
    if let text = arguments["shadow"] { ask.shadow = try share("shadow", text, arguments) }
    if let text = arguments["canary"] {
      ask.canary = []
      for part in text == "none" ? [] : text.split(separator: ",", omittingEmptySubsequences: false) {
        ask.canary.append(try share("canary", String(part), arguments))
      }
    }
    if let seconds = try arguments.seconds("every") { ask.every = Int((seconds * 1000).rounded()) }
    if let text = arguments["tolerance"] { ask.tolerance = try share("tolerance", text, arguments) }
    (ask.rule, ask.reason) = (arguments["rule"], arguments["reason"])
    let registry = try RegistryWords.registry(arguments)
    return try RolloutText.tell(
      try registry.begin(ask, of: words[0], by: RegistryWords.who(arguments)), registry, arguments)
  }

  private func share(_ name: String, _ text: String, _ arguments: Arguments) throws(Fault) -> Double {
    guard let share = RolloutAsk.share(text) else {
      throw arguments.refusal("--\(name) takes shares such as 5% or .05, not '\(text)'")
    }
    return share
  }
}

/// How a rollout stands.
struct ModelRolloutStatusCommand: Command {
  let path = ["model", "rollout", "status"]
  let summary = "Show how the roll-out of a model stands, and what was seen of both versions"
  let positionals = [RegistryWords.model]
  let options = [RegistryWords.json, LibraryPlace.option]
  let examples = ["ridley model rollout status inspector"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let registry = try RegistryWords.registry(arguments)
    let model = arguments.positionals[0]
    guard let last = try registry.stages(of: model).first else {
      _ = try registry.find("1", of: model)
      throw Fault(
        .notFound, "no version of '\(model)' was rolled out yet: 'ridley model rollout \(model)@VERSION' begins it")
    }
    return try RolloutText.tell(last.rollout, registry, arguments)
  }
}

/// What a person does to a rollout.
struct RolloutActionCommand: Command {
  private let action: RolloutAction
  let path: [String]
  let summary: String
  let positionals = [RegistryWords.model]
  let options: [Option]
  let examples: [String]
  /// A promotion loads the version first.
  var isContained: Bool { action == .promote }

  init(_ action: RolloutAction) {
    self.action = action
    path = ["model", "rollout", action.rawValue]
    summary =
      switch action {
      case .pause: "Take no further step; shares stay as they are, and a rule that fails is still a roll-back"
      case .resume: "Go on with the steps"
      case .promote: "Point live to the version now, whatever its rule says"
      case .abort: "Send all requests to the version that is live"
      }
    let untried = action == .promote ? [AliasTrial.untried] : []
    options = [RegistryWords.by, RegistryWords.reason] + untried + [RegistryWords.json, LibraryPlace.option]
    examples = ["ridley model rollout \(action.rawValue) inspector"]
  }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let registry = try RegistryWords.registry(arguments)
    let model = arguments.positionals[0]
    if action == .promote, !arguments.has("untried"), let last = try registry.stages(of: model).first?.rollout,
      last.state.isActive
    {
      try VersionTrial.attempt(try registry.find("\(last.plan.candidate)", of: model), of: registry)
    }
    let rollout = try registry.act(
      action, on: model, by: RegistryWords.who(arguments), reason: arguments["reason"])
    return try RolloutText.tell(rollout, registry, arguments)
  }
}
