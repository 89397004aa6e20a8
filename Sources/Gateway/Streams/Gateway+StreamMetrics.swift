internal import Base
internal import Catalog
internal import Delivery
internal import Streams

/// Live streams for Prometheus: those that the caller may see.
extension Gateway {
  func writeStreams(of scope: ClientScope, to text: inout MetricsText) {
    let views = streams.list(scope: scope)
    guard !views.isEmpty else { return }
    for (name, help, value) in Self.counters {
      text.begin(name, .counter, help: help)
      for view in views { text.sample(value(view.figures), ["client": view.client, "stream": view.name]) }
    }
    text.begin("ridley_stream_drops_total", .counter, help: "Pictures of which nothing was told, by the reason.")
    for view in views {
      for drop in StreamFigures.Drop.allCases {
        let labels: KeyValuePairs = ["client": view.client, "stream": view.name, "reason": drop.rawValue]
        text.sample(view.figures.drops[drop] ?? 0, labels)
      }
    }
    text.begin("ridley_stream_up", .gauge, help: "1 where pictures come.")
    for view in views {
      text.sample(view.figures.state == .live ? 1 : 0, ["client": view.client, "stream": view.name])
    }
    text.begin("ridley_stream_viewers", .gauge, help: "Clients that look at the picture.")
    for view in views { text.sample(view.viewers.now, ["client": view.client, "stream": view.name]) }
    text.begin("ridley_stream_processor_seconds_total", .counter, help: "Of receiving and decoding.")
    for view in views { text.sample(view.figures.processorTime, ["client": view.client, "stream": view.name]) }
    writeAges(views, to: &text)
    writeRecordings(views, to: &text)
    writeDrift(of: views, to: &text)
  }

  private func writeRecordings(_ views: [StreamDesk.View], to text: inout MetricsText) {
    let recorded = views.filter { $0.recording != nil }
    guard !recorded.isEmpty else { return }
    for (name, kind, help, value) in Self.recorded {
      text.begin(name, kind, help: help)
      for view in recorded {
        text.sample(view.recording.map(value) ?? 0, ["client": view.client, "stream": view.name])
      }
    }
  }

  private static let recorded: [(String, MetricsText.Kind, String, @Sendable (RecordingFigures) -> Int)] = [
    ("ridley_stream_recording", .gauge, "1 where it is recorded, 0 where that has stopped.", { $0.isStopped ? 0 : 1 }),
    ("ridley_stream_recorded_bytes_total", .counter, "Bytes that were written of it.", \.byteCount),
    ("ridley_stream_recorded_clips_total", .counter, "Clips that were kept.", \.clips),
    ("ridley_stream_recorded_segments_total", .counter, "Segments that were kept.", \.segments),
    ("ridley_stream_recording_lost_total", .counter, "Pictures that should have been written and were not.", \.lost),
    ("ridley_stream_recording_failed_total", .counter, "Recordings that came to nothing.", \.failed),
  ]

  /// What targets are told by this server, where it is the one that tells.
  func writeDeliveries(of scope: ClientScope, to text: inout MetricsText) {
    let figures = library?.teller?.figures(scope: scope) ?? []
    guard !figures.isEmpty else { return }
    let now = Int(Clock.seconds * 1000)
    text.begin("ridley_delivery_waiting", .gauge, help: "Notices that wait for a target.")
    for one in figures { text.sample(one.waiting, ["client": one.client, "target": one.target]) }
    text.begin("ridley_delivery_oldest_seconds", .gauge, help: "For how long the first of those has waited.")
    for one in figures {
      let seconds = one.oldest.map { Double(max(0, now - $0)) / 1000 } ?? 0
      text.sample(seconds, ["client": one.client, "target": one.target])
    }
    for (name, help, value) in Self.deliveryCounters {
      text.begin(name, .counter, help: help)
      for one in figures { text.sample(value(one), ["client": one.client, "target": one.target]) }
    }
  }

  private static let deliveryCounters: [(String, String, @Sendable (TargetFigures) -> Int)] = [
    ("ridley_delivery_delivered_total", "Notices that a target took.", \.delivered),
    ("ridley_delivery_failed_total", "Attempts that came to nothing.", \.failed),
    ("ridley_delivery_dead_total", "Notices that were not taken within the time that they have.", \.dead),
    ("ridley_delivery_left_out_total", "Updates of which something newer waited.", \.leftOut),
  ]

  private func writeAges(_ views: [StreamDesk.View], to text: inout MetricsText) {
    text.begin(
      "ridley_stream_age_seconds", .histogram, help: "From the taking of a picture to the telling of its predictions.")
    for view in views {
      let ages = view.figures.ages
      text.sample(
        ages.counts(upTo: Self.bounds), below: Self.bounds.map { Double($0) / 1000 }, sum: ages.sum / 1000,
        ["client": view.client, "stream": view.name])
    }
  }

  private static let counters: [(String, String, @Sendable (StreamFigures) -> Int)] = [
    ("ridley_stream_received_total", "Pictures that came.", \.received),
    ("ridley_stream_decoded_total", "Pictures that were decoded.", \.decoded),
    ("ridley_stream_looked_total", "Pictures that the networks answered.", \.looked),
    ("ridley_stream_delivered_total", "Pictures whose predictions were told in time.", \.delivered),
    ("ridley_stream_incomplete_total", "Pictures that parts were missing of.", \.incomplete),
    ("ridley_stream_lost_packets_total", "Packets that never came.", \.lostPackets),
    ("ridley_stream_events_withheld_total", "Events not kept because their rule began too many.", \.events.withheld),
    ("ridley_stream_events_lost_total", "Events that could not be written.", \.events.lost),
    ("ridley_stream_event_pictures_lost_total", "Pictures of events without room.", \.events.lostPictures),
    ("ridley_stream_connections_total", "How often the source was connected to.", \.connections),
  ]

  /// Milliseconds.
  private static let bounds = [10, 25, 50, 75, 100, 150, 250, 500, 1000, 2500]
}
