import Base
import Items
import Library
import Search
import Store

/// Recounts the totals, derives the moments anew, and holds the store's indexes against its items.
struct LibraryVerifyCommand: Command {
  let path = ["library", "verify"]
  let summary = "Compare totals, moments and indexes with what they are made of; mend what is wrong where asked"
  let positionals: [Positional] = []
  let options = [
    LibraryPlace.option, .flag("repair", "put in order what is not as the recount has it"),
    .flag("bytes", "read all bytes too, and hold them against their digests"),
    .flag("json", "print one JSON object"), .flag("quiet", "print nothing but errors"),
  ]
  let examples = ["ridley library verify", "ridley library verify --repair", "ridley library verify --bytes"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let library = try LibraryPlace.open(arguments)
    let bar = ProgressBar("recount", isQuiet: arguments.has("quiet") || arguments.has("json"))
    let progress = { (assets: Int) in if assets % 100 == 0 { bar.show(share: nil, detail: "\(assets) assets") } }
    let report =
      arguments.has("repair") ? try library.repair(progress: progress) : try library.verify(progress: progress)
    let moments = try moments(library, bar, repairs: arguments.has("repair"))
    bar.show(share: nil, detail: "indexes")
    let indexes = try library.verifyIndexes()
    let damaged =
      arguments.has("bytes")
      ? try library.damagedObjects { bar.show(share: nil, detail: "\($0) objects") } : []
    bar.clear()
    if arguments.has("json") {
      try Terminal.print(json(report, moments, indexes, damaged))
    } else if !arguments.has("quiet") {
      let lines = damaged.map { "the object \($0) is missing or was changed by the disk: restore it from a backup\n" }
      try Terminal.print(text(report) + text(moments) + text(indexes) + lines.joined())
    }
    let isRight = report.differenceCount + moments.differenceCount == 0 && indexes.allSatisfy(\.isRight)
    return isRight && damaged.isEmpty ? .success : ExitCode(.badInput)
  }

  private func text(_ indexes: [IndexReport]) -> String {
    let wrong = indexes.filter { !$0.isRight }
    guard !wrong.isEmpty else { return "\(indexes.count) indexes: all are as the items have them\n" }
    let lines = wrong.map {
      "  the index \($0.index): \($0.missing) entries missing or wrong, \($0.surplus) too many\n"
    }
    return "\(wrong.count) of \(indexes.count) indexes are wrong; "
      + "'ridley library copy' makes a library that has them anew\n" + lines.joined()
  }

  private func moments(_ library: Library, _ bar: ProgressBar, repairs: Bool) throws(Fault) -> MomentsReport {
    let desk = MomentDesk(library)
    let report = try desk.verify { bar.show(share: nil, detail: "\($0) moments") }
    guard repairs, report.differenceCount > 0 else { return report }
    try desk.rebuild()
    return try desk.verify { bar.show(share: nil, detail: "\($0) moments") }
  }

  private func text(_ report: MomentsReport) -> String {
    guard report.differenceCount > 0 else { return "\(report.checked) moments: all are as they are derived anew\n" }
    let lines = report.differences.prefix(20).map { "  \($0)\n" }
    return "\(report.checked) moments: \(report.differenceCount) wrong; 'ridley library verify --repair' mends them\n"
      + lines.joined()
  }

  private func text(_ report: TotalsReport) -> String {
    let head = "\(report.totals) totals of \(report.assets) assets: "
    let mended = report.mended > 0 ? "\(report.mended) mended, " : ""
    guard report.differenceCount > 0 else { return head + mended + "all are as a recount has them\n" }
    let lines = report.differences.prefix(20).map { difference in
      let found = difference.found.map { String(decoding: $0.body, as: UTF8.self) } ?? "nothing"
      let wanted = difference.wanted.map { String(decoding: $0, as: UTF8.self) } ?? "nothing"
      return "  \(difference.key): \(found), and a recount has \(wanted)\n"
    }
    let more = report.differenceCount > 20 ? "  and \(report.differenceCount - 20) more\n" : ""
    return head + mended + "\(report.differenceCount) are wrong; 'ridley library verify --repair' mends them\n"
      + lines.joined() + more
  }

  private func json(
    _ report: TotalsReport, _ moments: MomentsReport, _ indexes: [IndexReport], _ damaged: [String]
  ) -> String {
    JSONText.line { json in
      json.field("damaged", damaged)
      json.field("assets", report.assets)
      json.field("totals", report.totals)
      json.field("mended", report.mended)
      json.field("wrong", report.differenceCount)
      json.object("moments") { json in
        json.field("checked", moments.checked)
        json.field("wrong", moments.differenceCount)
        json.field("differences", moments.differences)
      }
      json.array("indexes") { json in
        for index in indexes {
          json.object { json in
            json.field("name", index.index)
            json.field("missing", index.missing)
            json.field("surplus", index.surplus)
          }
        }
      }
      json.array("differences") { json in
        for difference in report.differences {
          json.object { json in
            json.field("key", "\(difference.key)")
            json.field("found", ifKnown: difference.found.map { String(decoding: $0.body, as: UTF8.self) })
            json.field("recount", ifKnown: difference.wanted.map { String(decoding: $0, as: UTF8.self) })
          }
        }
      }
    }
  }
}
