import Base
import Catalog
import Items
import Library
import Registry

/// Which assets a version answered about.
struct ModelAnsweredCommand: Command {
  let path = ["model", "answered"]
  let summary = "List the assets that a version answered about, the newest first"
  let positionals = [
    Positional(name: "version", help: "MODEL@VERSION: its number, an alias, or its digest's beginning")
  ]
  let options = [
    Option.value("client", "NAME", "of this client alone"),
    Option.value("limit", "N", "as many at most (default 100)"), RegistryWords.json, LibraryPlace.option,
  ]
  let examples = ["ridley model answered inspector@3", "ridley model answered inspector@live --client acme --json"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let parts = arguments.positionals[0].split(separator: "@", maxSplits: 1).map(String.init)
    guard parts.count == 2 else {
      throw arguments.refusal("say which version, such as \(parts.first ?? "inspector")@3")
    }
    let limit = try arguments.integer("limit", in: 1...1_000_000) ?? 100
    let registry = try RegistryWords.registry(arguments)
    let version = try registry.any(parts[1], of: parts[0])
    let (answers, hasMore) = try answers(by: version, arguments["client"], limit, in: registry)
    guard !arguments.has("json") else {
      try Terminal.print(
        JSONText.line { json in
          json.object("version", version.write)
          json.array("answers") { json in for answer in answers { json.object(answer.write) } }
          json.field("more", hasMore)
        })
      return .success
    }
    var table = Table([
      ("asset", .left), ("client", .left), ("name", .left), ("pipeline", .left), ("at", .left),
    ])
    for answer in answers {
      table.add([
        answer.asset.id.text, answer.asset.group.client, answer.asset.name, answer.analysis.series,
        CompositeKey.time(milliseconds: answer.analysis.made),
      ])
    }
    let place = "\(version.model) \(version.number)"
    try Terminal.print(table.isEmpty ? "\(place) answered about no asset that is here\n" : table.text)
    if hasMore { try Terminal.print("and more: see --limit\n") }
    return .success
  }

  private func answers(
    by version: RegisteredVersion, _ client: String?, _ limit: Int, in registry: ModelRegistry
  ) throws(Fault) -> (answers: [ModelRegistry.Answered], hasMore: Bool) {
    guard let client else { return try registry.answered(by: version, limit: limit) }
    try complete(registry.library)
    var (answers, next) = ([ModelRegistry.Answered](), PageToken?.none)
    repeat {
      let page = try registry.answered(
        by: version, of: client, limit: min(limit - answers.count, ItemLimits.pageCount), after: next)
      answers += page.elements
      next = page.next
    } while next != nil && answers.count < limit
    return (answers, next != nil)
  }

  /// Reads what older programs made, where no server has; tells of what cannot be read.
  private func complete(_ library: Library) throws(Fault) {
    let bar = ProgressBar("what older programs made", isQuiet: false)
    defer { bar.clear() }
    var position = try library.completeAnswers(before: Clock.now + 200_000_000)
    if !position.isWhole { Interrupt.watch() }
    while !position.isWhole {
      bar.show(share: nil, detail: "\(position.assets) assets, at the client \(position.client)")
      guard !Interrupt.isAsked else {
        throw Fault(.closed, "stopped: what was read is kept, and the next call goes on from there")
      }
      position = try library.completeAnswers(before: Clock.now + 200_000_000) { !Interrupt.isAsked }
    }
    bar.clear()
    if let complaint = position.complaint { Terminal.complain(of: complaint) }
  }
}
