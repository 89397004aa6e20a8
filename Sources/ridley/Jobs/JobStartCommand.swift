import Base
import Catalog
import Isolation
import Items
import Jobs
import Library

/// Begins analyses of many assets.
struct JobStartCommand: Command {
  let path = ["job", "start"]
  let summary = "Analyse assets of the library: cut, spread over workers, merged, and published once"
  let positionals = [
    Positional(
      name: "asset", help: "ids of assets; without any, all that the options select", isRequired: false, repeats: true)
  ]
  let options =
    [
      Option.value("pipeline", "FILE[,FILE]", "YAML files that say what is done; each gives an analysis of its own"),
      LibraryPlace.option,
    ] + GroupOptions.all + [
      .value("tags", "WORD[,WORD]", "only assets that have every one of these tags"),
      .choice("state", Asset.State.allCases.map(\.rawValue), "only assets in this state"),
      .choice("kind", ["video", "picture"], "only videos, or only pictures"),
      .value("text", "WORDS", "only assets with these words in name, tags, brand or campaign"),
      .value("from", "TIME", "only assets that were added at this moment or later"),
      .value("before", "TIME", "only assets that were added before this moment"),
      .choice(
        "priority", Job.Priority.allCases.map(\.rawValue), "before or after other jobs of the client (default normal)"),
      .value("budget", "MONEY", "stop when so much was spent; needs --price"),
      .value("price", "MONEY", "what an hour of a processor costs"),
      .value("key", "WORD", "a name for this request: under it the job is started once, however often it is asked for"),
      .value("webhook", "URL", "an address that is called when the job is over"),
      .value("workers", "N", "workers of this command's own (default one a core)"),
      .flag("detach", "leave the work to a server or to 'ridley worker', and end at once"),
      JobPlace.models, .flag("json", "print one JSON object"), .flag("quiet", "print nothing but errors"),
    ]
  let examples = [
    "ridley job start --pipeline content.yaml --client acme",
    "ridley job start --pipeline content.yaml --client acme --brand Aurora --detach --key nightly-2026-11-27",
  ]

  var isContained: Bool { true }
  var endsWhenAsked: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let files = arguments["pipeline"] else { throw arguments.refusal("say what is done: --pipeline FILE") }
    let request = try request(arguments, pipelines: files.split(separator: ",").map(String.init))
    let workers = try arguments.integer("workers", in: 1...256) ?? Processor.count
    let desk = try JobPlace.desk(arguments)
    let (job, isNew) = try desk.start(request, scope: .all)
    if !isNew { Terminal.complain("ridley: the job of this key was started before\n") }
    if arguments.has("detach") {
      try JobText.print(job, arguments, hint: "'ridley job show \(job.id)' tells how far it is\n")
      return .success
    }
    let ended = try JobRun(desk, workers: workers, arguments).wait(for: job)
    try JobText.print(ended, arguments, hint: JobText.hint(ended))
    if Interrupt.isAsked, !ended.state.isOver { return .interrupted }
    return ended.counts.failed > 0 ? .partial : .success
  }

  private func request(_ arguments: Arguments, pipelines: [String]) throws(Fault) -> JobRequest {
    let group = try GroupOptions.group(arguments)
    var pins: [Job.Pinned] = []
    for file in pipelines { pins.append(try JobPlace.pin(file, models: arguments["models"])) }
    var request = JobRequest(client: group.client, pipelines: pins)
    (request.selection.brand, request.selection.campaign) = (group.brand, group.campaign)
    request.selection.tags = GroupOptions.tags(arguments) ?? []
    request.selection.state = arguments["state"].flatMap { Asset.State(rawValue: $0) }
    request.selection.isPicture = arguments["kind"].map { $0 == "picture" }
    request.selection.text = arguments["text"]
    request.selection.from = try GroupOptions.moment(arguments, "from")
    request.selection.before = try GroupOptions.moment(arguments, "before")
    for word in arguments.positionals {
      guard let id = ULID(word) else { throw Library.noAsset(word) }
      request.selection.assets.append(id)
    }
    request.priority = arguments["priority"].flatMap { Job.Priority(rawValue: $0) } ?? .normal
    (request.key, request.webhook) = (arguments["key"], arguments["webhook"])
    request.price = (try arguments.number("price", in: 0...1e6) ?? 0) / 3600
    request.budget = try arguments.number("budget", in: 0...1e9).map { Int(($0 * 1e6).rounded()) }
    return request
  }
}
