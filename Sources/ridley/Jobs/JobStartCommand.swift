import Base
import Catalog
import Isolation
import Items
import Jobs
import Library
import Objects
import Planning

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
      .value(
        "stream", "NAME",
        "what was recorded of this live stream: all that came, whatever overlaps with the time of --from and --to"),
      .choice(
        "recording", Recording.Kind.allCases.map(\.rawValue),
        "of --stream: segments of all that came, or clips (default continuous)"),
      .value("from", "TIME", "only assets that were added at this moment or later; of --stream, recorded"),
      .value("to", "TIME", "of --stream: only what was recorded up to this moment"),
      .value("before", "TIME", "only assets that were added before this moment"),
      .choice(
        "priority", Job.Priority.allCases.map(\.rawValue), "before or after other jobs of the client (default normal)"),
      .value("budget", "MONEY", "stop when so much was spent: more than 0; needs --price or --prices"),
      .value("price", "MONEY", "what a second of a processor costs, such as 0.00002"),
      .value("prices", "FILE", "prices of machines as YAML (docs/costs.md), in place of --price; with --machine"),
      .value("machine", "NAME", "which machine of --prices this is"),
      .value("profile", "NAME", "the limits that tasks keep: local, lambda or edge (default local)"),
      .flag("estimate", "say what it will take, and start nothing"),
      .value("key", "WORD", "a name for this request: under it the job is started once, however often it is asked for"),
      .value("webhook", "URL", "an address that is told, signed, when the job is over (docs/jobs.md)"),
      .value(
        "webhook-secret", "WORD",
        "what it is signed with: whsec_ and base 64 of 24 to 64 bytes (default a new one, which is printed)"),
      .value("workers", "N", "workers of this command's own (default one a core)"),
      .flag("external", "hand no task out: another engine runs 'ridley task run' for those of each item"),
      .flag("detach", "leave the work to a server or to 'ridley worker', and end at once"),
      JobPlace.models, .flag("json", "print one JSON object"), .flag("quiet", "print nothing but errors"),
    ]
  let examples = [
    "ridley job start --pipeline content.yaml --client acme",
    "ridley job start --pipeline content.yaml --client acme --brand Aurora --detach --key nightly-2026-11-27",
    "ridley job start --pipeline people.yaml --client acme --stream dock --from 2026-11-24 --to 2026-11-25",
  ]

  var isContained: Bool { true }
  var endsWhenAsked: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let files = arguments["pipeline"] else { throw arguments.refusal("say what is done: --pipeline FILE") }
    let request = try request(arguments, pipelines: files.split(separator: ",").map(String.init))
    let workers = try arguments.integer("workers", in: 1...256) ?? Processor.count
    let desk = try JobPlace.desk(arguments)
    if arguments.has("estimate") { return try estimate(request, desk, arguments) }
    let (job, isNew) = try TelemetryPlace.starting(request) { (request) throws(Fault) in
      try desk.start(request, scope: .all)
    }
    if !isNew { Terminal.complain("ridley: the job of this key was started before\n") }
    if job.isExternal {
      let listed = try TaskPlace.work(desk, arguments).list(job)
      try JobText.print(listed, arguments, hint: "'ridley task run \(job.id)/ITEM N' runs one task of an item\n")
      return .success
    }
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
    request.selection.stream = arguments["stream"]
    request.selection.recording = arguments["recording"].flatMap { Recording.Kind(rawValue: $0) }
    request.selection.to = try GroupOptions.moment(arguments, "to")
    guard arguments["stream"] != nil || arguments["to"] == nil && arguments["recording"] == nil else {
      throw arguments.refusal("--to and --recording are of what was recorded of a stream: --stream NAME")
    }
    request.selection.before = try GroupOptions.moment(arguments, "before")
    for word in arguments.positionals {
      guard let id = ULID(word) else { throw Library.noAsset(word) }
      request.selection.assets.append(id)
    }
    request.priority = arguments["priority"].flatMap { Job.Priority(rawValue: $0) } ?? .normal
    request.key = arguments["key"]
    if let address = arguments["webhook"] {
      let secret = arguments["webhook-secret"] ?? SignedRequest.secret()
      if arguments["webhook-secret"] == nil { Terminal.confide("ridley: the webhook's secret is \(secret)\n") }
      request.webhook = Job.Webhook(address: address, secret: secret, reachesPrivate: true)
    }
    request.isExternal = arguments.has("external")
    request.profile = arguments["profile"] ?? "local"
    if let machine = try prices(arguments)?.machine {
      request.price = machine.hour / machine.cores / 3600 + machine.cpuSecond + machine.second
    }
    request.budget = try JobPlace.budget(arguments)
    return request
  }

  /// What a machine costs, and the unit of money.
  private func prices(_ arguments: Arguments) throws(Fault) -> (machine: MachinePrice, currency: String)? {
    if let path = arguments["prices"] {
      guard let name = arguments["machine"] else { throw arguments.refusal("--prices needs --machine NAME") }
      let file = try PriceFile(bytes: try FileSystem.read(path, limit: 1 << 20), name: path)
      return (try file.machine(name), file.currency)
    }
    guard let second = try arguments.number("price", in: 0...1e9) else { return nil }
    var machine = MachinePrice(name: "processor")
    machine.cpuSecond = second
    return (machine, "")
  }

  private func estimate(_ request: JobRequest, _ desk: JobDesk, _ arguments: Arguments) throws(Fault) -> ExitCode {
    let prices = try prices(arguments)
    let bar = ProgressBar("estimate", isQuiet: arguments.has("quiet") || arguments.has("json"))
    let (estimate, kept, refused) = try desk.estimate(request, price: prices?.machine, scope: .all) { count in
      SharedFlags.beat()
      bar.show(share: nil, detail: "\(count) assets")
    }
    bar.clear()
    if arguments.has("json") {
      try Terminal.print(
        JSONText.line { json in
          json.field("estimate", embedding: estimate.json(currency: prices?.currency))
          json.field("kept", kept)
          json.array("refused") { json in
            for (reason, count) in refused.sorted(by: { $0.value > $1.value }) {
              json.object { json in
                json.field("reason", reason)
                json.field("count", count)
              }
            }
          }
        })
      return .success
    }
    let others = refused.sorted { $0.value > $1.value }.map { "\($0.value) refused: \($0.key)\n" }.joined()
    let same = kept > 0 ? "\(kept) have their analysis already and are kept\n" : ""
    try Terminal.print(estimate.text(currency: prices?.currency ?? "") + same + others)
    return .success
  }
}
