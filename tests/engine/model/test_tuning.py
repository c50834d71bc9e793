"""Settings from the file, the command line and the screen, put together in one place."""

from engine.config.tables import Common
from engine.model.tuning import NAMES, Tuning, layer_of


def test_a_layer_sets_what_it_names_and_leaves_the_rest() -> None:
    file = layer_of(Common(cap=12, retries=3, rules=("keep 5",)))

    found = Tuning().under(file).under({"cap": 4, "limit": 100})

    assert found == Tuning(cap=4, retries=3, rules=("keep 5",), limit=100)


def test_nothing_tried_again_is_a_setting_and_no_gap() -> None:
    assert Tuning(retries=7).under({"retries": 0}).retries == 0


def test_every_setting_has_a_key_in_the_file_with_the_same_default() -> None:
    assert Tuning().under(layer_of(Common())) == Tuning()
    assert set(NAMES) <= set(Common.__struct_fields__)
