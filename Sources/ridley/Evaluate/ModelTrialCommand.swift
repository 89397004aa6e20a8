import Base
import Catalog
import Evaluation
import Isolation
import Registry
import Reports

/// A newer version of a model beside an older one, over footage, before an alias points to it.
struct ModelTrialCommand: Command {
  let path = ["model", "trial"]
  let summary = "Try a version over recorded footage: what it tells otherwise than another one, item by item"
  let positionals = [
    NamedModel.positional,
    Positional(name: "file", help: "more to look at, beside --on", isRequired: false, repeats: true),
  ]
  let options: [Option] =
    [
      .value("on", "WHAT", "what both look at: \(TrialFootage.help)"),
      .value(
        "against", "WORD", "the older one: a version of the same model (default live), NAME@VERSION, or any model"),
      .value(
        "rule", "RULE",
        "what has to hold: 'agreement > .97 and gone.person <= 3'; of agreement, appeared, gone, moved, relabelled, rescored, items, shift, each also .LABEL, and speed"
      ),
      .value("overlap", "0..1", "from which intersection over union two boxes are of one thing (default 0.5)"),
      .value("moved", "0..1", "below which one of the same label has moved (default 0.75)"),
      .value("shift", "0..1", "from which difference on a score is told (default 0.1)"),
      .value("every", "TIME", "look at one frame in so much time: 500ms, 1s, 2m"),
      .value("fps", "N", "look at so many frames a second"),
      .flag("key-frames", "look at key frames only: the quickest"),
      .flag("anew", "do not take the library's kept analyses of the older one"),
      .value("html", "FILE", "write a page with a picture of each difference, to say which version is right"),
      .value("pictures", "N", "so many differences with a picture, the largest (default 200)"),
      .value("limit", "N", "print so many differences, the largest (default 20; with --json 1000)"),
      .value(
        "work", "FOLDER", "where answers are kept, so that a trial goes on that was stopped (default ridley-trial)"),
      .value("workers", "N", "processes that share the files; the same answers (default 1)"),
      .value("stall-timeout", "TIME", "give a file up when nothing comes of it for so long (default 2m)"),
      RegistryWords.by, .flag("unkept", "do not keep the result with the version in the registry"),
      .value("device", "NAME", "where the networks run (default cpu)"),
      .flag("json", "print one JSON object"), .flag("quiet", "print nothing but errors"), LibraryPlace.option,
    ] + ModelOptions.all
  let examples = [
    "ridley model trial inspector@4 --on footage/ --library lib --html trial.html",
    "ridley model trial inspector@4 --on library:client=acme,last=7d --rule 'gone.person <= 3'",
    "ridley model trial new.onnx --against old.onnx --on 'clips/*.mp4' --every 1s --json",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let trial = try Trial(arguments)
    let count = try arguments.integer("workers", in: 1...ChildGroup.most) ?? 1
    let stall = try arguments.seconds("stall-timeout") ?? 120
    Interrupt.watch()
    let plan = try trial.plan()
    if let rule = arguments["rule"] { _ = try TrialRule(rule, labels: plan.labels) }
    let bar = ProgressBar("trial of \(plan.newer.name)", isQuiet: arguments.has("quiet"))
    let workers = TrialWorkers(
      plan, arguments, work: trial.work, sampling: trial.sampling, workers: count, stall: stall, bar)
    try workers.run()
    return try trial.contained { () throws(Fault) in try trial.conclude(plan, workers.failures) }
  }
}

/// The parts of a trial, each in a process of its own: this one never opens what is foreign.
struct Trial {
  let arguments: Arguments
  let work: String
  let sampling: Sampling
  private let settings: TrialComparison.Settings

  /// Differences that are kept with the version; the counts are of all.
  private static let mostKept = 10_000

  init(_ arguments: Arguments) throws(Fault) {
    self.arguments = arguments
    work = LibraryPlace.plain(arguments["work"] ?? "ridley-trial")
    sampling = try AnalyzeCommand().sampling(arguments)
    var settings = TrialComparison.Settings()
    settings.overlap = try arguments.number("overlap", in: 0.01...1) ?? settings.overlap
    settings.moved = try arguments.number("moved", in: 0...1) ?? settings.moved
    settings.score = try arguments.number("shift", in: 0...1) ?? settings.score
    self.settings = settings
    _ = (try arguments.integer("limit", in: 0...1_000_000), try arguments.integer("pictures", in: 0...10_000))
  }

  func plan() throws(Fault) -> TrialPlan {
    var (plan, refusal): (TrialPlan?, Fault?) = (nil, nil)
    let ending = try ChildProcess.run(
      stall: { IsolatedCommand.patience }, isStopped: { Interrupt.isAsked },
      receive: { (message) throws(Fault) in
        if message.kind == 1 { plan = try TrialPlan(message.bytes) } else { refusal = Fault(message.bytes) }
      },
      work: { outlet in
        do throws(Fault) {
          let planner = TrialPlanner(arguments: arguments, work: work, sampling: sampling)
          try outlet.send(Message(kind: 1, bytes: try planner.plan().bytes))
          return ExitCode.success.rawValue
        } catch {
          try? outlet.send(Message(kind: 0, bytes: error.bytes))
          return ExitCode(error.kind).rawValue
        }
      })
    if let refusal { throw refusal }
    guard let plan else {
      throw Fault(
        .badInput, "\(arguments.positionals[0]): \(ending.reason ?? "its process ended") while the trial was prepared")
    }
    return plan
  }

  /// In a child process, whose output comes whole or not at all.
  func contained(_ body: () throws(Fault) -> ExitCode) throws(Fault) -> ExitCode {
    var refusal: Fault?
    let spool = try BufferedOutput()
    let ending = try ChildProcess.run(
      stall: { IsolatedCommand.patience }, isStopped: { Interrupt.isAsked },
      receive: { (message) throws(Fault) in refusal = Fault(message.bytes) },
      work: { outlet in
        spool.takeStandardOutput()
        do throws(Fault) { return try body().rawValue } catch {
          try? outlet.send(Message(kind: 0, bytes: error.bytes))
          return ExitCode(error.kind).rawValue
        }
      })
    if let refusal { throw refusal }
    guard case .exited(let code) = ending else {
      throw Fault(.badInput, "\(arguments.positionals[0]): \(ending.reason!) while the trial was concluded")
    }
    try spool.release()
    return ExitCode(rawValue: code) ?? .bug
  }

  /// Puts all together, keeps it with the version, and tells it.
  func conclude(_ plan: TrialPlan, _ failures: [Int: String]) throws(Fault) -> ExitCode {
    let run = TrialRun(plan: plan, answers: TrialAnswers(folder: work))
    var report = try run.report(settings, failures: failures)
    if let rule = arguments["rule"] {
      report.verdict = try TrialRule(rule, labels: plan.labels).judge(report.comparison, speed: report.speed)
    }
    let differences = report.comparison.differences
    let registered = try registered(plan)
    let shown = differences.prefix(try arguments.integer("pictures", in: 0...10_000) ?? 200)
    // Pictures of assets are not kept: the library finds them again, and they go with the asset.
    let outside = registered == nil ? [] : plan.files.filter { !$0.isAsset }
    let pictures = TrialPictures(arguments["html"] == nil ? outside : plan.files).pictures(of: shown)
    let kept = try registered.map { (place) throws(Fault) in
      let names = Set(outside.map(\.name))
      let kept = zip(shown, pictures).map { names.contains($0.file) ? $1 : nil }
      return try keep(report, differences, kept, of: place.version, in: place.registry)
    }
    if let page = arguments["html"] { try write(page, report, differences, pictures, plan) }
    guard !arguments.has("quiet") else { return report.isPassed ? .success : .partial }
    let limit = try arguments.integer("limit", in: 0...1_000_000)
    if arguments.has("json") {
      try Terminal.print(
        JSONText.line { json in
          report.write(into: &json)
          Self.write(differences.prefix(limit ?? 1000), of: differences.count, [], into: &json)
          json.field("kept", ifKnown: kept?.id.text)
          json.field("page", ifKnown: arguments["html"])
        })
    } else {
      var text = TrialText(report, differences, shown: min(differences.count, limit ?? 20)).text
      if let kept { text += "kept with version \(kept.version) of \(kept.model) as \(kept.id.text)\n" }
      if let page = arguments["html"] { text += "page: \(page)\n" }
      try Terminal.print(text)
    }
    return report.isPassed ? .success : .partial
  }

  private static func write(
    _ shown: ArraySlice<TrialDifference>, of count: Int, _ pictures: [TrialPictures.Picture?],
    into json: inout JSONWriter
  ) {
    json.field("differences_in_all", count)
    json.array("differences") { json in
      for (place, difference) in shown.enumerated() {
        json.object { json in
          difference.write(into: &json)
          guard place < pictures.count, let picture = pictures[place] else { return }
          json.field("width", picture.size.width)
          json.field("height", picture.size.height)
          json.array("region") { json in
            let region = picture.region
            for side in [region.x, region.y, region.width, region.height] { json.number(side, digits: 5) }
          }
        }
      }
    }
  }

  /// `nil` where the newer one is in no registry, or the result shall not be kept.
  private func registered(
    _ plan: TrialPlan
  ) throws(Fault) -> (version: RegisteredVersion, registry: ModelRegistry)? {
    guard plan.version != nil, !arguments.has("unkept") else { return nil }
    return try NamedModel.version(plan.newer.name, arguments)
  }

  private func keep(
    _ report: TrialReport, _ differences: [TrialDifference], _ pictures: [TrialPictures.Picture?],
    of version: RegisteredVersion, in registry: ModelRegistry
  ) throws(Fault) -> KeptResult {
    let all = report.comparison.all
    let summary = JSONWriter.object { json in
      json.field("digest", report.newer.digest)
      json.field("against", report.older.name)
      json.field("against_digest", report.older.digest)
      json.field("frames", report.comparison.frames)
      json.field("items", all.items)
      json.field("agreement", all.agreement, digits: 6)
      for kind in TrialDifference.Kind.allCases { json.field(.made(kind.rawValue), all.kinds[kind, default: 0]) }
      json.field("speed", ifKnown: report.speed, digits: 3)
      json.field("rule", arguments["rule"])
      json.field("passed", report.isPassed)
      json.field("failed", report.failures.count)
    }
    let document = JSONWriter.object(capacity: 1 << 16) { json in
      report.write(into: &json)
      Self.write(differences.prefix(Self.mostKept), of: differences.count, pictures, into: &json)
    }
    return try registry.keep(
      .trial, of: version, by: RegistryWords.who(arguments), summary: summary, document: document,
      pictures: pictures.map { $0?.plain ?? [] })
  }

  private func write(
    _ page: String, _ report: TrialReport, _ differences: [TrialDifference], _ pictures: [TrialPictures.Picture?],
    _ plan: TrialPlan
  ) throws(Fault) {
    let names = Dictionary(plan.files.map { ($0.name, $0.shown) }, uniquingKeysWith: { first, _ in first })
    let items = zip(differences, pictures).map { difference, picture in
      TrialPage.Item(
        difference, file: names[difference.file] ?? difference.file, picture: picture?.drawn, size: picture?.size)
    }
    try FileSystem.write(
      TrialPage.page(report, items, of: differences.count, version: Version.text), to: page)
  }
}
