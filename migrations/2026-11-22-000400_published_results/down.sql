DROP TABLE result_views;
DROP TABLE published_results;
