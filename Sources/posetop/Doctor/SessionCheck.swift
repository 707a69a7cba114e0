import Keeper
import Support
import Wording

/// Whether a logout ends a training.
let sessionCheck = DoctorCheck(name: "logout") {
  var section = DoctorSection()
  let warning = LogoutPolicy.ofThisProcess().warning
  section.line("at logout", warning == nil ? "a training goes on" : "a training is ended")
  section.json["ends_training"] = .bool(warning != nil)
  if let warning { section.warn("logout-kills", warning, .logoutCure) }
  return section
}
