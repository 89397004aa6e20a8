public import Base
internal import JSON

/// As it is stored.
extension DriftBook {
  private enum Key: String, CaseIterable { case settings, source, pictures, answers }
  private enum SettingKey: String, CaseIterable { case every, window, learn, daily }
  private enum AnswerKey: String, CaseIterable { case name, model, version, objects, before, watch }

  /// `source` is what the stream shows: what was learnt of another one is worth nothing.
  public func json(source: String) -> [UInt8] {
    JSONWriter.object(capacity: 1 << 14) { json in
      json.object("settings") { json in
        json.field("every", settings.every, digits: 3)
        json.field("window", settings.window, digits: 3)
        json.field("learn", settings.learn, digits: 3)
        json.field("daily", settings.isDaily)
      }
      json.field("source", source)
      json.object("pictures", pictures.write)
      json.array("answers") { json in
        for one in answers {
          json.object { json in
            json.field("name", one.network.name)
            json.field("model", one.network.model)
            json.field("version", one.network.version)
            json.field("objects", one.network.countsObjects)
            json.field("before", ifKnown: one.before)
            json.object("watch", one.watch.write)
          }
        }
      }
    }
  }

  /// Reads what ``json(source:)`` wrote; `nil` where it was learnt of another source or in other windows.
  ///
  /// Anything else is a fault.
  public init?(_ bytes: [UInt8], _ settings: DriftSettings, source: String) throws(Fault) {
    let fields = try JSONDocument(parsing: bytes.span.bytes, name: "what was learnt of a stream").root.fields(Key.self)
    let old = try fields.required(.settings).fields(SettingKey.self)
    var before = settings
    (before.every, before.window) = (try old.required(.every).number(), try old.required(.window).number())
    (before.learn, before.isDaily) = (try old.required(.learn).number(), try old.required(.daily).bool())
    guard settings.learnsAs(before), try fields.required(.source).string().utf8.elementsEqual(source.utf8) else {
      return nil
    }
    self.settings = settings
    pictures = try DriftWatch(try fields.required(.pictures), DriftMeasure.ofPictures, settings)
    for value in try fields.required(.answers).elements() {
      let fields = try value.fields(AnswerKey.self)
      let network = Network(
        name: try fields.required(.name).string(), model: try fields.required(.model).string(),
        version: try fields.required(.version).string(), countsObjects: try fields.required(.objects).bool())
      answers.append(
        Answers(
          network: network, before: try fields[.before]?.string(),
          watch: try DriftWatch(try fields.required(.watch), DriftMeasure.ofAnswers, settings)))
    }
  }
}
