internal import Base

extension PriceFile {
  /// The file's comparisons as a table in Markdown: what an image, and a thousand, cost.
  public var imageTable: String {
    var text = "| | seconds an image | \(currency) an image | \(currency) per 1,000 images |\n|---|---|---|---|\n"
    for cost in comparisons {
      let money = cost.money()
      text +=
        "| \(cost.what) | \(NumberFormat.short(cost.seconds, 4)) | \(NumberFormat.short(money, 9)) | \(NumberFormat.short(money * 1000, 4)) |\n"
    }
    return text
  }

  /// From which utilisation on each machine that is paid by the hour is cheaper than each that is paid by use.
  public var breakEvenTable: String {
    var text = "| paid by the hour | paid by use | the first is cheaper |\n|---|---|---|\n"
    for machine in comparisons where machine.machine.hour > 0 {
      for other in comparisons where other.machine.hour == 0 {
        text += "| \(machine.what) | \(other.what) | \(Self.words(breakEven: machine.breakEven(with: other))) |\n"
      }
    }
    return text
  }

  private static func words(breakEven share: Double) -> String {
    if share > 1 { return "never: busy all the time, it costs \(NumberFormat.fixed(share, 2)) times as much" }
    return "when it is busy for more than \(NumberFormat.fixed(share * 100, share < 0.1 ? 1 : 0)) % of the time"
  }
}
