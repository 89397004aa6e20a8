import Base
import Placement

/// What 'ridley place' found.
struct PlaceReport {
  private let figures: PlacementFigures
  private let forecasts: [PlacementForecast]
  private let link: PlacementLink
  private let best: Cut?
  private let currency: String?

  init(
    _ figures: PlacementFigures, _ forecasts: [PlacementForecast], _ link: PlacementLink, best: Cut?, currency: String?
  ) {
    (self.figures, self.forecasts, self.link) = (figures, forecasts, link)
    (self.best, self.currency) = (best, currency)
  }

  var text: String {
    var table = Table([
      ("network", .left), ("inputs a second", .right), ("here", .right), ("centre", .right), ("question", .right),
      ("answer", .right),
    ])
    for network in figures.networks {
      table.add([
        network.name, NumberFormat.measure(Double(network.count) / figures.sampleSeconds),
        Self.milliseconds(network.edgeSeconds), Self.milliseconds(network.centreSeconds),
        Self.kilobytes(network.questionBytes), Self.kilobytes(network.answerBytes),
      ])
    }
    let measured =
      "measured over \(NumberFormat.short(figures.sampleSeconds, 1)) s of the film, \(figures.frames) frames\n\n"
    let cuts = forecasts.text(best: best, currency: currency)
    return measured + (table.isEmpty ? "" : table.text + "\n") + cuts + "\n" + advice
  }

  private var advice: String {
    guard let best, let chosen = forecasts.first(where: { $0.cut == best }) else {
      let isOpen = forecasts.contains(where: \.isUntried)
      return isOpen ? "no cut is known to be the best\n" : "no cut can be had with this centre\n"
    }
    let pace = chosen.isInTime ? "" : "; no live source is kept up with"
    switch best {
    case .film: return "best: film, all at the centre (docs/edge.md: Placement)\(pace)\n"
    case .events: return "best: events, all here: 'ridley analyze' as it is\(pace)\n"
    case .frames, .crops: return "best: \(best.rawValue): ridley analyze … --centre URL --cut \(best.rawValue)\(pace)\n"
    }
  }

  private static func milliseconds(_ seconds: Double) -> String {
    seconds > 0 ? "\(NumberFormat.measure(seconds * 1000)) ms" : "–"
  }

  private static func kilobytes(_ bytes: Double) -> String {
    bytes > 0 ? "\(NumberFormat.measure(bytes / 1000)) kB" : "–"
  }

  var json: String {
    JSONText.line { json in
      json.object("link") { json in
        json.field("bits_up", link.up, digits: 0)
        json.field("bits_down", link.down, digits: 0)
        json.field("round_trip", link.roundTrip, digits: 6)
        json.field("flight", link.flight)
      }
      json.object("measured") { figures.write(to: &$0) }
      json.array("cuts") { json in for forecast in forecasts { json.object { forecast.write(to: &$0) } } }
      json.field("best", best?.rawValue)
      json.field("currency", ifKnown: currency)
    }
  }
}
