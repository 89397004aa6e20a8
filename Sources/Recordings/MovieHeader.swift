internal import Media
internal import MediaProcess

/// The tables that make pictures at known places of a file an ordinary MP4 film (ISO/IEC 14496-12, 8).
struct MovieHeader {
  /// `ftyp` and `moov` of a film in fragments, from which what the pictures are is taken.
  let head: [UInt8]
  /// In the order of decoding.
  let samples: [CodedSample]
  /// Ticks from which on, and up to which, it is shown; what is decoded before and behind is there for others' sake.
  let shown: Range<Int>

  /// What of the head is taken over: the content of boxes by their names.
  private struct Parts {
    typealias Boxes = [String: [UInt8]]
    var (movie, track, media, info, table) = (Boxes(), Boxes(), Boxes(), Boxes(), Boxes())

    /// They are there, and long enough.
    var isWhole: Bool {
      let lengths = [
        (movie["mvhd"], 100), (track["tkhd"], 84), (media["mdhd"], 24), (media["hdlr"], 20), (table["stsd"], 16),
      ]
      return lengths.allSatisfy { $0.0?.count ?? 0 >= $0.1 }
    }
  }

  /// `nil` where the head is none.
  func bytes() -> [UInt8]? {
    guard !samples.isEmpty, let parts = parts(), parts.isWhole else { return nil }
    var writer = BoxWriter()
    writer.box("moov") { movie in
      movie.full("mvhd", version: 1) { box in
        times(&box)
        box.number(ViewPiece.timescale)
        box.number(shown.count, 8)
        box.add(parts.movie["mvhd"]!.suffix(80))
      }
      movie.box("trak") { track in
        track.box("tkhd") { trackHeader(&$0, parts) }
        track.box("edts") { $0.full("elst", version: 1, edits) }
        track.box("mdia") { media(&$0, parts) }
      }
    }
    return writer.bytes
  }

  private func trackHeader(_ box: inout BoxWriter, _ parts: Parts) {
    // Its version, and that it is enabled and in the film.
    box.number(1 << 24 | 3)
    times(&box)
    box.number(1)
    box.number(0)
    box.number(shown.count, 8)
    box.add(parts.track["tkhd"]!.suffix(60))
  }

  private func media(_ media: inout BoxWriter, _ parts: Parts) {
    media.full("mdhd", version: 1) { box in
      times(&box)
      box.number(ViewPiece.timescale)
      box.number(samples.last!.dts - samples[0].dts + max(1, samples.last!.duration), 8)
      box.add(parts.media["mdhd"]!.suffix(4))
    }
    media.box("hdlr") { $0.add(parts.media["hdlr"]!) }
    media.box("minf") { box in
      for name in ["vmhd", "dinf"] {
        if let part = parts.info[name] { box.box(name) { $0.add(part) } }
      }
      box.box("stbl") { table in
        table.box("stsd") { $0.add(parts.table["stsd"]!) }
        tables(&table)
      }
    }
  }

  private func parts() -> Parts? {
    var parts = Parts()
    guard let movie = ISOBox.list(head[...]).first(where: { $0.name == "moov" }) else { return nil }
    func list(_ range: Range<Int>, _ content: inout [String: [UInt8]]) -> [String: Range<Int>] {
      var ranges: [String: Range<Int>] = [:]
      for box in ISOBox.list(head[range]) where content[box.name] == nil {
        (content[box.name], ranges[box.name]) = (Array(head[box.content]), box.content)
      }
      return ranges
    }
    guard let track = list(movie.content, &parts.movie)["trak"], let media = list(track, &parts.track)["mdia"],
      let info = list(media, &parts.media)["minf"], let table = list(info, &parts.info)["stbl"]
    else { return nil }
    _ = list(table, &parts.table)
    return parts
  }

  /// When it was made and changed: the moment of its first picture, in seconds since 1904.
  private func times(_ box: inout BoxWriter) {
    let moment = shown.lowerBound / ViewPiece.timescale + 2_082_844_800
    box.number(moment, 8)
    box.number(moment, 8)
  }

  private func edits(_ box: inout BoxWriter) {
    box.number(1)
    box.number(shown.count, 8)
    box.number(shown.lowerBound - samples[0].dts, 8)
    box.number(1 << 16)
  }

  private func tables(_ table: inout BoxWriter) {
    let next = samples.dropFirst().map(\.dts) + [samples.last!.dts + max(1, samples.last!.duration)]
    let durations = zip(next, samples).map { $0 - $1.dts }
    let shifts = samples.map { $0.pts - $0.dts }
    let keys = samples.indices.filter { samples[$0].isKey }
    runs(&table, "stts", durations)
    if shifts.contains(where: { $0 != 0 }) { runs(&table, "ctts", shifts) }
    if keys.count < samples.count {
      table.full("stss") { box in
        box.number(keys.count)
        for key in keys { box.number(key + 1) }
      }
    }
    table.full("stsc") { for number in [1, 1, 1, 1] { $0.number(number) } }
    table.full("stsz") { box in
      box.number(0)
      box.number(samples.count)
      for sample in samples { box.number(sample.byteCount) }
    }
    table.full("co64") { box in
      box.number(samples.count)
      for sample in samples { box.number(sample.place, 8) }
    }
  }

  /// How often each value stands in a row.
  private func runs(_ table: inout BoxWriter, _ name: String, _ values: [Int]) {
    var found: [(count: Int, value: Int)] = []
    for value in values {
      if found.last?.value == value { found[found.count - 1].count += 1 } else { found.append((1, value)) }
    }
    table.full(name) { box in
      box.number(found.count)
      for (count, value) in found {
        box.number(count)
        box.number(value)
      }
    }
  }
}
