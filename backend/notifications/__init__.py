"""Who is told what, over which channel, in which words: inbox, delivery rows with closed states, templates from
config/notifications. It never decides whether something happened."""
