import Base
import Catalog
import Items
import Library

/// Which assets there are.
struct LibraryListCommand: Command {
  let path = ["library", "list"]
  let summary = "List assets, the newest first"
  let positionals: [Positional] = []
  let options =
    LibraryPlace.options + GroupOptions.all + [
      .value("tags", "WORD[,WORD]", "only those that have every one of these tags"),
      .choice("state", Asset.State.allCases.map(\.rawValue), "only those in this state"),
      .choice("kind", ["video", "picture"], "only videos, or only pictures"),
      .value("text", "WORDS", "only those with these words in name, tags, brand or campaign"),
      .value("from", "TIME", "only those that were added at this moment or later"),
      .value("before", "TIME", "only those that were added before this moment"),
      .value("limit", "N", "so many at most (default 50, up to 1000)"),
      .value("after", "TOKEN", "go on where an answer ended: its next"),
      .flag("json", "print one JSON object"),
    ]
  let examples = [
    "ridley library list --client acme --brand Aurora", "ridley library list --text 'beach sunset' --limit 200 --json",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    _ = try GroupOptions.group(arguments)
    let library = try LibraryPlace.access(arguments)
    var filter = AssetFilter(client: GroupOptions.usualClient)
    filter.group = try GroupOptions.group(arguments, in: library)
    filter.tags = GroupOptions.tags(arguments) ?? []
    filter.state = arguments["state"].flatMap { Asset.State(rawValue: $0) }
    filter.isPicture = arguments["kind"].map { $0 == "picture" }
    filter.text = arguments["text"]
    filter.from = try GroupOptions.moment(arguments, "from")
    filter.before = try GroupOptions.moment(arguments, "before")
    let page = try library.list(
      filter, limit: try arguments.integer("limit", in: 1...1000) ?? 50,
      after: arguments["after"].map { PageToken(text: $0) })
    if arguments.has("json") {
      try Terminal.print(json(page))
    } else {
      try Terminal.print(try text(page, filter, library))
    }
    return .success
  }

  private func json(_ page: Page<Asset>) -> String {
    JSONText.line { json in
      json.array("assets") { json in for asset in page.elements { json.object { asset.write(into: &$0) } } }
      json.field("next", ifKnown: page.next?.text)
    }
  }

  private func text(_ page: Page<Asset>, _ filter: AssetFilter, _ library: any LibraryAccess) throws(Fault) -> String {
    guard !page.elements.isEmpty else {
      let clients = try library.clients().map(\.name).filter { $0 != filter.group.client }
      let others =
        clients.isEmpty ? "" : "; there are also the clients \(clients.prefix(8).joined(separator: ", ")): say --client"
      return "no assets of \(filter.group.client) are found so\(others)\n"
    }
    var table = Table([
      ("asset", .left), ("added", .left), ("brand", .left), ("campaign", .left), ("kind", .left), ("state", .left),
      ("length", .right), ("size", .right), ("name", .left),
    ])
    for asset in page.elements {
      table.add([
        asset.id.text, UTC.text(asset.added / 1000), asset.group.brand ?? "-", asset.group.campaign ?? "-",
        asset.media.isPicture ? "picture" : "video", asset.state.rawValue,
        asset.media.duration.map { NumberFormat.clock($0) } ?? "-",
        asset.hasBytes ? Units.text(bytes: asset.byteCount) : "-", asset.name,
      ])
    }
    return table.text + (page.next.map { "more: --after \($0.text)\n" } ?? "")
  }
}
