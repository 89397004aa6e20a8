import Base
import Catalog
import Items
import Library

/// Numbers per client, brand and campaign.
struct LibraryTotalsCommand: Command {
  let path = ["library", "totals"]
  let summary = "Show counts, means and ranges of every score per client, brand or campaign"
  let positionals: [Positional] = []
  let options =
    LibraryPlace.options + GroupOptions.all + [
      .choice("by", AssetLevel.allCases.map(\.rawValue), "one line for each of the client's brands or campaigns"),
      .flag("json", "print one JSON object"),
    ]
  let examples = [
    "ridley library totals --client acme --by brand", "ridley library totals --client acme --brand Aurora",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    var group = try GroupOptions.group(arguments)
    let level = arguments["by"].flatMap { AssetLevel(rawValue: $0) }
    guard level == nil || group.brand == nil else {
      throw arguments.refusal("--by and --brand cannot be had together")
    }
    let library = try LibraryPlace.access(arguments)
    group = try GroupOptions.group(arguments, in: library)
    let (answers, moment) = try library.totals(of: group, each: level)
    try Terminal.print(arguments.has("json") ? json(answers, moment) : text(answers, moment, group))
    return .success
  }

  private func json(_ answers: [TotalAnswer], _ moment: Int) -> String {
    JSONText.line { json in
      json.array("totals") { json in for answer in answers { json.object { answer.write(into: &$0) } } }
      json.field("asOf", ifKnown: moment > 0 ? UTC.text(moment) : nil)
    }
  }

  private func text(_ answers: [TotalAnswer], _ moment: Int, _ group: AssetGroup) -> String {
    guard !answers.isEmpty else { return "no totals of \(group.client)\n" }
    var table = Table([
      ("brand", .left), ("campaign", .left), ("of", .left), ("label", .left), ("assets", .right), ("mean", .right),
      ("least", .right), ("greatest", .right), ("bytes", .right), ("length", .right),
    ])
    for answer in answers {
      let place = [answer.name.group.brand ?? "-", answer.name.group.campaign ?? "-"]
      switch answer.name.measure {
      case .assets:
        table.add(
          place + [
            "assets", "", "\(answer.total.count)", "", "", "", Units.text(bytes: answer.total.sum),
            NumberFormat.clock(Double(answer.total.milliseconds) / 1000),
          ])
      case .score(let series, let label):
        let scores = [answer.mean, answer.least?.value, answer.greatest?.value]
        table.add(
          place + [series, label, "\(answer.total.count)"] + scores.map { $0.map { NumberFormat.fixed($0, 4) } ?? "" }
            + ["", ""])
      }
    }
    return table.text + (moment > 0 ? "as of \(UTC.text(moment))\n" : "")
  }
}
