import Wording

/// The English words of a sentence's argument, which may be a sentence itself.
func words(_ argument: String) -> String {
  String(Sentence(key: "-", arguments: [argument]).text().dropFirst(2))
}
