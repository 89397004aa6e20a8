internal import Base

extension PriceFile {
  /// The file's comparisons as a table in Markdown: what an image, and a thousand, cost.
  public var imageTable: String {
    var text =
      "| Work | Machine | seconds an image | \(currency) an image | \(currency) per 1,000 images |\n|---|---|---|---|---|\n"
    for cost in comparisons {
      let numbers = [cost.seconds, cost.money(), cost.money() * 1000].map(Self.digits)
      text += "| \(cost.work) | \(cost.what) | \(numbers.joined(separator: " | ")) |\n"
    }
    return text
  }

  /// From which utilisation on each machine that is paid by the hour is cheaper for the same work than one that is paid by use.
  public var breakEvenTable: String {
    var text = "| Work | paid by the hour | paid by use | the first is cheaper |\n|---|---|---|---|\n"
    for machine in comparisons where machine.machine.hour > 0 {
      for other in comparisons where other.machine.hour == 0 && other.work == machine.work {
        let words = Self.words(breakEven: machine.breakEven(with: other))
        text +=
          "| \(machine.work) | \(machine.what) | \(other.what), \(NumberFormat.short(other.seconds, 4)) s an image | \(words) |\n"
      }
    }
    return text
  }

  private static func words(breakEven share: Double) -> String {
    if share > 1 { return "never: busy all the time, it costs \(NumberFormat.fixed(share, 2)) times as much" }
    return "when it is busy for more than \(NumberFormat.fixed(share * 100, share < 0.1 ? 1 : 0)) % of the time"
  }

  /// The four first digits that say something.
  private static func digits(_ value: Double) -> String {
    var (places, least) = (4, 0.1)
    while value > 0, value < least, places < 15 { (places, least) = (places + 1, least / 10) }
    return NumberFormat.short(value, places)
  }
}
