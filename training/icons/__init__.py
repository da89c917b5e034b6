"""The recipe of limner-icons: a small text-to-image model of icons, from data with clear licences."""
